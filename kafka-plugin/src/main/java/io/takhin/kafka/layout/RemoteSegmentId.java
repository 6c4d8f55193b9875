package io.takhin.kafka.layout;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Names one copy of a segment, as Kafka does: every attempt to copy has another {@code copyId}, and
 * a topic that was deleted and created anew has another {@code topicId}. So no key is ever used for
 * two different contents.
 *
 * @param segment topic, partition and first offset
 * @param topicId Kafka's id of the topic: 22 characters of URL-safe base64
 * @param copyId Kafka's id of the remote segment, in the same form
 */
public record RemoteSegmentId(SegmentId segment, String topicId, String copyId) {
  private static final Pattern UUID = Pattern.compile("[A-Za-z0-9_-]{22}");

  /**
   * @throws IllegalArgumentException if an id has another form
   */
  public RemoteSegmentId {
    Objects.requireNonNull(segment, "segment");
    requireUuid("topic id", topicId);
    requireUuid("segment id", copyId);
  }

  private static void requireUuid(String what, String value) {
    if (!UUID.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "invalid "
              + what
              + ": expected 22 characters of [A-Za-z0-9_-], got '"
              + value.substring(0, Math.min(value.length(), 60))
              + "'");
    }
  }

  /**
   * What the keys of the segment's objects begin with, and no other's do: {@code
   * <prefix>/<topic>-<topicId>/<partition>/<20-digit base offset>-<copyId>}.
   *
   * @param prefix without slashes at its ends; may be empty
   */
  public ObjectStem stem(String prefix) {
    return new ObjectStem(new ObjectKey(stems(prefix, topicId, segment) + copyId));
  }

  /** What the keys of all copies of a segment begin with, and no others do. */
  public static String stems(String prefix, String topicId, SegmentId segment) {
    String folder = prefix.isEmpty() ? "" : prefix + "/";
    return folder
        + segment.partition().topic()
        + "-"
        + topicId
        + "/"
        + segment.partition().partition()
        + "/"
        + segment.fileStem()
        + "-";
  }

  @Override
  public String toString() {
    return segment.partition() + "/" + segment.baseOffset() + "-" + copyId;
  }
}
