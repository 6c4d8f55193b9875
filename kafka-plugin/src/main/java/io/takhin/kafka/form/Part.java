package io.takhin.kafka.form;

import io.takhin.kafka.layout.IndexKind;

/**
 * What is encrypted with one data key, so that no two things have the same nonce and none can take
 * another's place. The codes are stored nowhere, but never change: they are part of the nonces.
 *
 * @param code of the kind of part
 * @param number among those of its kind
 */
record Part(int code, int number) {
  static final Part BLOCK_SIZES = new Part(1, 0);
  private static final int LOG = 0;
  private static final int FIRST_INDEX = 2;

  static Part block(int number) {
    return new Part(LOG, number);
  }

  static Part index(IndexKind kind) {
    int code =
        switch (kind) {
          case OFFSET -> FIRST_INDEX;
          case TIME -> FIRST_INDEX + 1;
          case TRANSACTION -> FIRST_INDEX + 2;
          case LEADER_EPOCH -> FIRST_INDEX + 3;
          case PRODUCER_SNAPSHOT -> FIRST_INDEX + 4;
        };
    return new Part(code, 0);
  }

  @Override
  public String toString() {
    return switch (code) {
      case LOG -> "block-" + number;
      case 1 -> "block-sizes";
      default -> "index-" + (code - FIRST_INDEX);
    };
  }
}
