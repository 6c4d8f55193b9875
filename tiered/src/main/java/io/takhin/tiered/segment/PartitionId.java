package io.takhin.tiered.segment;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A topic's partition: {@code <topic>-<partition>}, which is also the name of its directory and of
 * its folder in the bucket.
 *
 * <p>The topic obeys Kafka's rule (letters, digits, dot, underscore and dash, 1 to 249 characters,
 * neither {@code .} nor {@code ..}), so a name that passed here is safe as a path element and as
 * part of an object key.
 *
 * <p>A value like a record, but made for the lookups that begin with it: it keeps its hash, and
 * equal topics are one text in memory, so that comparing two ids seldom reads their characters.
 */
public final class PartitionId implements Comparable<PartitionId> {
  private static final int MAX_TOPIC_CHARS = 249;
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1," + MAX_TOPIC_CHARS + "}");

  private final String topic;
  private final int partition;
  private final int hash;

  /**
   * @throws InvalidSegmentPathException if the topic breaks the rule or the partition is negative
   */
  public PartitionId(String topic, int partition) {
    Objects.requireNonNull(topic, "topic");
    if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
      throw new InvalidSegmentPathException(
          "invalid topic: expected 1 to "
              + MAX_TOPIC_CHARS
              + " of [a-zA-Z0-9._-], got "
              + InvalidSegmentPathException.quote(topic));
    }
    if (partition < 0) {
      throw new InvalidSegmentPathException(
          "invalid partition: expected 0 or more, got " + partition);
    }
    this.topic = topic.intern();
    this.partition = partition;
    this.hash = 31 * topic.hashCode() + partition;
  }

  public String topic() {
    return topic;
  }

  public int partition() {
    return partition;
  }

  /**
   * Reads {@code <topic>-<partition>}; the last dash separates, because a topic may hold dashes.
   *
   * @throws InvalidSegmentPathException if the text has another form
   */
  public static PartitionId parse(String directory) {
    int dash = directory.lastIndexOf('-');
    String digits = directory.substring(dash + 1);
    boolean canonical =
        dash > 0
            && digits.matches("[0-9]{1,10}")
            && (digits.length() == 1 || digits.charAt(0) != '0')
            && Long.parseLong(digits) <= Integer.MAX_VALUE;
    if (!canonical) {
      throw new InvalidSegmentPathException(
          "invalid partition directory: expected <topic>-<partition>, got "
              + InvalidSegmentPathException.quote(directory));
    }
    return new PartitionId(directory.substring(0, dash), Integer.parseInt(digits));
  }

  /** The directory's name, {@code <topic>-<partition>}. */
  public String directory() {
    return topic + "-" + partition;
  }

  @Override
  public int compareTo(PartitionId other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof PartitionId that
            && hash == that.hash
            && partition == that.partition
            && topic.equals(that.topic));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return directory();
  }
}
