package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager.IndexType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a plugin. */
class ObserversTest {
  private static final Map<String, String> CONSOLE =
      Map.of("console.enabled", "true", "console.port", "0");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern DOCUMENTED =
      Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| ([a-z]+) \\|");

  /** Sections of {@code docs/metrics.md} that hold for the plugin as well. */
  private static final Set<String> SHARED =
      Set.of("Cold reads", "Object store", "Transfers", "Console", "Process");

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void theConsoleTellsWhatWasAskedForAndWhatIsInTheBucket() throws Exception {
    try (Broker broker = Broker.start(directory, CONSOLE);
        Observers observers = Observers.of(broker.machinery, broker.meters)) {
      // Given
      RemoteLogSegmentMetadata segment = copyAndRead(broker);

      // When
      URI console = observers.console().orElseThrow();
      JsonNode stats = json(get(console, "/api/v1/remote/stats"));
      JsonNode topics = json(get(console, "/api/v1/remote/topics"));
      JsonNode segments = json(get(console, "/api/v1/remote/segments?topic=my-topic"));

      // Then
      assertThat(stats.at("/calls/copy/done").asInt()).isEqualTo(1);
      assertThat(stats.at("/calls/copy/failed").asInt()).isEqualTo(1);
      assertThat(stats.at("/calls/fetch/done").asInt()).isEqualTo(1);
      assertThat(stats.at("/calls/fetch_index/absent").asInt()).isEqualTo(1);
      assertThat(stats.at("/broker_id").asInt()).isEqualTo(1);
      assertThat(stats.at("/prefix").asText()).isEqualTo("kafka");
      assertThat(topics.at("/topics/0/segments").asInt()).isEqualTo(1);
      assertThat(segments.at("/segments/0/segment_id").asText())
          .isEqualTo(segment.remoteLogSegmentId().id().toString());
      assertThat(segments.at("/segments/0/complete").asBoolean()).isTrue();
      assertThat(get(console, "/api/v1/tiered/segments").statusCode()).isEqualTo(404);
      assertThat(get(console, "/").body()).contains("Segments in the bucket");
      assertThat(json(get(console, "/api/v1/tiered/reads")).at("/topics/my-topic").isObject())
          .isTrue();
    }
  }

  @Test
  void everyMetricIsDocumentedAndHasABean() throws Exception {
    try (Broker broker = Broker.start(directory, CONSOLE);
        Observers observers = Observers.of(broker.machinery, broker.meters)) {
      broker.manager.deleteLogSegmentData(copyAndRead(broker));
      await().until(() -> broker.keys().isEmpty());

      Map<String, String> scraped =
          matches(TYPE, get(observers.console().orElseThrow(), "/metrics").body());
      Map<String, String> own = matches(DOCUMENTED, document("kafka-metrics.md"));
      Map<String, String> documented = new TreeMap<>(own);
      documented.putAll(matches(DOCUMENTED, sharedSections()));

      assertThat(documented).containsAllEntriesOf(scraped);
      assertThat(scraped).containsAllEntriesOf(own);
      Set<String> unseen = new TreeSet<>(scraped.keySet());
      unseen.removeAll(beans());
      unseen.removeIf(name -> name.endsWith("_max")); // An attribute of the bean without it.
      unseen.removeIf(name -> name.matches("(jvm|process|system)_.*"));
      assertThat(unseen).as("without a bean").isEmpty();
    }
    assertThat(beans()).isEmpty();
  }

  @Test
  void withoutBeingAskedForThereIsNoConsole() throws Exception {
    try (Broker broker = Broker.start(directory);
        Observers observers = Observers.of(broker.machinery, broker.meters)) {
      assertThat(observers.console()).isEmpty();
      assertThat(beans()).contains("takhin_kafka_calls_seconds");
    }
  }

  @Test
  void aTakenPortIsNoReasonForABrokerNotToStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Broker broker =
            Broker.start(
                directory,
                Map.of(
                    "console.enabled",
                    "true",
                    "console.port",
                    Integer.toString(taken.getLocalPort())));
        Observers observers = Observers.of(broker.machinery, broker.meters)) {
      assertThat(observers.console()).isEmpty();
    }
  }

  /** One copy that fails, one that does not, and what a consumer asks for. */
  private RemoteLogSegmentMetadata copyAndRead(Broker broker) throws Exception {
    SegmentOnDisk refused = new SegmentOnDisk(directory.resolve("refused"), 100_000, -1);
    broker
        .store
        .on(StoreOperation.PUT)
        .times(1)
        .failBefore(message -> new StoreException.Rejected(message, null));
    assertThatThrownBy(() -> broker.manager.copyLogSegmentData(refused.metadata, refused.data()))
        .isInstanceOf(RemoteStorageException.class);
    broker.store.assertAllFired();
    await().until(() -> broker.keys().isEmpty());
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("segment"), 200_000, -1);
    RemoteLogSegmentMetadata copied =
        segment.copied(broker.manager.copyLogSegmentData(segment.metadata, segment.data()));
    try (InputStream log = broker.manager.fetchLogSegment(copied, 0)) {
      assertThat(log.readNBytes(1000)).hasSize(1000);
    }
    assertThatThrownBy(() -> broker.manager.fetchIndex(copied, IndexType.TRANSACTION))
        .isInstanceOf(RemoteResourceNotFoundException.class);
    return copied;
  }

  private HttpResponse<String> get(URI console, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(console + path)).build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static String document(String name) throws Exception {
    return Files.readString(Path.of(System.getProperty("takhin.docs.dir")).resolve(name));
  }

  private static String sharedSections() throws Exception {
    return Stream.of(document("metrics.md").split("(?m)^## ", -1))
        .filter(section -> SHARED.contains(section.substring(0, section.indexOf('\n'))))
        .collect(Collectors.joining());
  }

  private static Map<String, String> matches(Pattern pattern, String text) {
    Map<String, String> found = new TreeMap<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.put(matcher.group(1), matcher.group(2));
    }
    return found;
  }

  private static Set<String> beans() throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("io.takhin.kafka:type=metrics,*"), null)
        .stream()
        .map(name -> name.getKeyProperty("name"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
