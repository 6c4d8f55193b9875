package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    new TopicFiles(dataDir).save(topic, false);

    // When
    var loaded = new TopicFiles(dataDir).load();

    // Then
    assertThat(loaded).containsExactly(new TopicFiles.Entry(topic, false));
  }

  @Test
  void savingAgainReplacesAndRemovingForgets() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    files.save(topic, false);

    // When
    files.save(topic, true);

    // Then
    assertThat(files.load()).containsExactly(new TopicFiles.Entry(topic, true));
    files.remove(topic.name());
    assertThat(files.load()).isEmpty();
  }

  @Test
  void aHalfWrittenReplacementIsIgnored() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    files.save(topic, false);

    // When
    Files.writeString(dataDir.resolve(".topics/a.b_c-1.properties.tmp"), "format=1\nid=");

    // Then
    assertThat(files.load()).containsExactly(new TopicFiles.Entry(topic, false));
  }

  @Test
  void aFileThatCannotBeUnderstoodIsNamed() throws Exception {
    // Given
    TopicFiles files = new TopicFiles(dataDir);
    Path file = dataDir.resolve(".topics/t.properties");

    for (String text :
        new String[] {
          "", "format=2\nid=x\npartitions=1\nstate=live", "format=1\nid=\npartitions=x\nstate=live"
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
