package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.broker.log.TopicFiles.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicFilesTest {
  @TempDir Path dataDir;

  private final Topic topic =
      new Topic("a.b_c-1", Uuid.randomUuid(), 3, Map.of("segment.bytes", "65536", "x", "é = #"));

  @Test
  void aSavedTopicIsLoadedAsItWas() throws Exception {
    // Given
    new TopicFiles(dataDir).save(topic, State.LIVE);

    // When
    var loaded = new TopicFiles(dataDir).load();

    // Then
    assertThat(loaded).containsExactly(new TopicFiles.Entry(topic, State.LIVE));
  }

  @Test
  void savingAgainReplacesAndRemovingForgets() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    files.save(topic, State.LIVE);

    // When
    files.save(topic, State.DELETING);

    // Then
    assertThat(files.load()).containsExactly(new TopicFiles.Entry(topic, State.DELETING));
    files.remove(topic.name());
    assertThat(files.load()).isEmpty();
  }

  @Test
  void aHalfWrittenReplacementIsIgnored() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    files.save(topic, State.LIVE);

    // When
    Files.writeString(dataDir.resolve(".topics/a.b_c-1.properties.tmp"), "format=1\nid=");

    // Then
    assertThat(files.load()).containsExactly(new TopicFiles.Entry(topic, State.LIVE));
  }

  @Test
  void aFileThatCannotBeUnderstoodIsNamed() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    Path file = dataDir.resolve(".topics/t.properties");

    for (String text :
        new String[] {
          "",
          "format=2\nid=x\npartitions=1\nstate=live",
          "format=1\nid=\npartitions=x\nstate=live",
          "format=1\nid=rUa5wYQ1S8yQ3h0yq2bM4g\npartitions=1\nstate=gone"
        }) {
      // When
      Files.writeString(file, text);

      // Then
      assertThatThrownBy(files::load)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
  }
}
