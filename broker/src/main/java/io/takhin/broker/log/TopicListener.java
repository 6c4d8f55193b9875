package io.takhin.broker.log;

/** Told about topics after they exist, have changed or are gone; one call at a time. */
public interface TopicListener {
  /** Also called when partitions were added to the topic. */
  void created(Topic topic);

  void deleted(Topic topic);
}
