package io.takhin.tiered.transfer.bucket;

import java.io.IOException;

/** A transfer that cannot be as it was asked for; nothing was begun. */
public final class TransferRefusedException extends IOException {
  TransferRefusedException(String message) {
    super(message);
  }
}
