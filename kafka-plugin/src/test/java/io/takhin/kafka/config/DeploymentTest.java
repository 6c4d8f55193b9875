package io.takhin.kafka.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.TakhinRemoteStorageManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** What {@code deploy/kafka/server.properties} says is what the plugin takes. */
class DeploymentTest {
  private static final String OURS = "rsm.config.";

  @Test
  void theExampleConfiguresThePlugin() throws IOException {
    Path file = Path.of(System.getProperty("takhin.docs.dir"), "../deploy/kafka/server.properties");
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, Object> given = new HashMap<>();
    given.put("broker.id", properties.getProperty("node.id"));
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(OURS)) {
        given.put(name.substring(OURS.length()), properties.getProperty(name));
      }
    }

    PluginConfig config = PluginConfig.of(given);

    assertThat(properties.getProperty("remote.log.storage.manager.class.name"))
        .isEqualTo(TakhinRemoteStorageManager.class.getName());
    assertThat(config.prefix()).isEqualTo("kafka");
    assertThat(config.s3().keys()).isEmpty();
    assertThat(config.console()).contains(new PluginConfig.Console("0.0.0.0", 8080));
  }
}
