package io.takhin.kafka.form;

import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteSegmentId;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What is done to the bytes of segments that are copied.
 *
 * @param compressionLevel of zstd; empty for none
 * @param keys the active one encrypts; all of them serve reads
 */
public record Storing(OptionalInt compressionLevel, KeyRing keys) {
  /** Nothing. */
  public static final Storing AS_IT_WAS = new Storing(OptionalInt.empty(), KeyRing.NONE);

  public Storing {
    Objects.requireNonNull(compressionLevel, "compressionLevel");
    Objects.requireNonNull(keys, "keys");
  }

  /**
   * How to store a log.
   *
   * @param shrinks whether compression is worth while
   */
  public LogForm form(long plainBytes, boolean shrinks) {
    return new LogForm(plainBytes, compressionLevel.isPresent() && shrinks, keys.isActive());
  }

  /** Begins one segment, with a data key of its own if it is encrypted. */
  public SegmentEncoder encoder(RemoteSegmentId segment, LogForm form) {
    return new SegmentEncoder(segment, form, compressionLevel.orElse(0), keys);
  }
}
