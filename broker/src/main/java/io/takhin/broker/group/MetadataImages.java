package io.takhin.broker.group;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.broker.log.Topic;
import io.takhin.broker.log.TopicListener;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;

/** Tells the group coordinator of topics in the form a KRaft cluster would. */
final class MetadataImages implements TopicListener {
  private final GroupCoordinator coordinator;
  private final int nodeId;

  @GuardedBy("this")
  private MetadataImage image = MetadataImage.EMPTY;

  @GuardedBy("this")
  private long version;

  MetadataImages(GroupCoordinator coordinator, int nodeId) {
    this.coordinator = coordinator;
    this.nodeId = nodeId;
  }

  @Override
  public void created(Topic topic) {
    publish(
        delta -> {
          delta.replay(new TopicRecord().setName(topic.name()).setTopicId(topic.id()));
          for (int i = 0; i < topic.partitions(); i++) {
            delta.replay(
                new PartitionRecord()
                    .setTopicId(topic.id())
                    .setPartitionId(i)
                    .setReplicas(List.of(nodeId))
                    .setIsr(List.of(nodeId))
                    .setLeader(nodeId));
          }
        });
  }

  @Override
  public void deleted(Topic topic) {
    publish(delta -> delta.replay(new RemoveTopicRecord().setTopicId(topic.id())));
  }

  private synchronized void publish(Consumer<MetadataDelta> change) {
    MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
    change.accept(delta);
    image = delta.apply(new MetadataProvenance(++version, 0, 0, true));
    coordinator.onMetadataUpdate(delta, image);
  }
}
