package io.takhin.tiered.transfer;

import java.io.IOException;

/** Somebody asked for the transfer to end; nothing of it stays behind. */
public final class TransferCancelledException extends IOException {
  public TransferCancelledException(String message) {
    super(message);
  }
}
