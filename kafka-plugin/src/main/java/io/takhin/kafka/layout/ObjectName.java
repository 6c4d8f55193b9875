package io.takhin.kafka.layout;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the key of an object of ours says, the other way round from {@link RemoteSegmentId#stem}.
 *
 * @param id the segment that it belongs to
 * @param stem what the keys of the segment's objects have in common
 */
public record ObjectName(RemoteSegmentId id, ObjectStem stem) {
  /** Below the prefix; a topic's name may end like an id, which has a fixed length. */
  private static final Pattern KEY =
      Pattern.compile(
          "(?<topic>[a-zA-Z0-9._-]{1,249})-(?<topicId>[A-Za-z0-9_-]{22})/(?<partition>\\d{1,10})/"
              + "(?<offset>\\d{20})-(?<copyId>[A-Za-z0-9_-]{22})(?<ending>\\..+)");

  /**
   * Reads a key.
   *
   * @param folder the prefix of the keys and a slash, or nothing
   * @return empty if no segment's object has such a key
   */
  public static Optional<ObjectName> parse(String folder, ObjectKey key) {
    String value = key.value();
    if (!value.startsWith(folder)) {
      return Optional.empty();
    }
    Matcher matcher = KEY.matcher(value).region(folder.length(), value.length());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      SegmentId segment =
          SegmentId.of(
              matcher.group("topic"),
              Integer.parseInt(matcher.group("partition")),
              Long.parseLong(matcher.group("offset")));
      return Optional.of(
          new ObjectName(
              new RemoteSegmentId(segment, matcher.group("topicId"), matcher.group("copyId")),
              new ObjectStem(new ObjectKey(value.substring(0, matcher.start("ending"))))));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Too large a number, or a name that is not allowed.
    }
  }
}
