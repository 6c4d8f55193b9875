package io.takhin.kafka.ledger;

import io.takhin.kafka.layout.ObjectStem;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of the ledger's file: {@code <CRC-32C of the rest, 8 hexadecimal digits> <verb> <stem>}.
 * Each line stands by itself, so damage costs the lines that it hit.
 */
record LedgerLine(Verb verb, ObjectStem stem) {
  private static final int CHECKSUM_CHARS = 8;

  /** What has happened. */
  enum Verb {
    /** A copy begins. */
    BEGIN,
    /** The copy is complete and proved, and Kafka is about to be told. */
    COMMIT,
    /** Kafka was told that it is removed. */
    DOOM,
    /** It is removed. */
    GONE;

    private final String word = name().toLowerCase(Locale.ROOT);
  }

  /** With the line feed. */
  byte[] toBytes() {
    String rest = verb.word + " " + stem + "\n";
    return (checksum(rest.strip()) + " " + rest).getBytes(StandardCharsets.US_ASCII);
  }

  /** Empty if the line is damaged. */
  static Optional<LedgerLine> parse(String line) {
    if (line.length() < CHECKSUM_CHARS + 1 || line.charAt(CHECKSUM_CHARS) != ' ') {
      return Optional.empty();
    }
    String rest = line.substring(CHECKSUM_CHARS + 1);
    int space = rest.indexOf(' ');
    if (space < 0 || !line.startsWith(checksum(rest))) {
      return Optional.empty();
    }
    String key = rest.substring(space + 1);
    return verb(rest.substring(0, space))
        .filter(verb -> ObjectKey.isValid(key))
        .map(verb -> new LedgerLine(verb, new ObjectStem(new ObjectKey(key))));
  }

  private static Optional<Verb> verb(String word) {
    for (Verb verb : Verb.values()) {
      if (verb.word.equals(word)) {
        return Optional.of(verb);
      }
    }
    return Optional.empty();
  }

  private static String checksum(String rest) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(rest);
    return String.format(Locale.ROOT, "%08x", Crc32c.of(bytes).value());
  }
}
