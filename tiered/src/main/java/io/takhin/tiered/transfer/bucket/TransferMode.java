package io.takhin.tiered.transfer.bucket;

/** How the bytes get from one bucket to the other. */
public enum TransferMode {
  /** Directly where that is possible, else as a stream; falls back by itself and says so. */
  AUTO,
  /** By copies inside the store only; an object that cannot go that way fails. */
  DIRECT,
  /** Through this process's memory. */
  STREAM
}
