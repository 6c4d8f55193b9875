package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.takhin.testkit.QuietPorts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.management.ObjectName;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users put on a broker's plugin class path. */
class DistributionIT {
  private static final double BYTES_PER_MB = 1e6;
  private static final Pattern STATED = Pattern.compile("in one jar of (\\d+) MB");

  private final ClassLoader ours = Thread.currentThread().getContextClassLoader();

  @AfterEach
  void leaveThePod() {
    Thread.currentThread().setContextClassLoader(ours);
    List.of("webIdentityTokenFile", "roleArn", "region", "endpointUrlSts")
        .forEach(name -> System.clearProperty("aws." + name));
  }

  @Test
  void itIsOneJarThatBringsNothingOfTheBrokers() throws IOException {
    Path jar = jar();

    try (JarFile file = new JarFile(jar.toFile())) {
      List<String> entries = file.stream().map(ZipEntry::getName).toList();
      assertThat(entries)
          .contains("META-INF/LICENSE", "META-INF/NOTICE")
          .noneMatch(name -> name.startsWith("org/apache/kafka/"))
          .noneMatch(name -> name.startsWith("org/slf4j/"))
          .noneMatch(name -> name.startsWith("org/sqlite/"))
          .noneMatch(name -> name.startsWith("io/netty/"))
          .noneMatch(name -> name.matches("(org/eclipse/jetty|io/javalin|kotlin|jakarta)/.*"))
          .noneMatch(name -> name.matches("META-INF/services/(org\\.eclipse|jakarta)\\..*"))
          .noneMatch(name -> name.startsWith("com/github/luben/"))
          .noneMatch(name -> name.endsWith("module-info.class"))
          .noneMatch(name -> name.endsWith(".so") || name.endsWith(".dll"));
    }
  }

  @Test
  void itIsAsLargeAsTheReadmeSays() throws IOException {
    Path readme = Path.of(System.getProperty("takhin.docs.dir"), "../README.md");
    Matcher stated = STATED.matcher(Files.readString(readme));

    assertThat(stated.find()).as("%s in %s", STATED, readme).isTrue();
    assertThat(Files.size(jar()) / BYTES_PER_MB)
        .as("MB of %s", jar())
        .isCloseTo(Double.parseDouble(stated.group(1)), within(1.0));
  }

  @Test
  void itNeedsOfTheBrokerOnlyKafkasAndSlf4jsApi() throws Exception {
    ClassLoader broker =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            boolean isShared =
                name.startsWith("org.apache.kafka.") || name.startsWith("org.slf4j.");
            if (!isShared) {
              throw new ClassNotFoundException(name);
            }
            return Class.forName(name, false, DistributionIT.class.getClassLoader());
          }
        };
    try (URLClassLoader plugin = new URLClassLoader(new URL[] {jar().toUri().toURL()}, broker)) {
      Object manager =
          plugin
              .loadClass(TakhinRemoteStorageManager.class.getName())
              .getConstructor()
              .newInstance();

      assertThat(manager).isInstanceOf(RemoteStorageManager.class);
      assertThat(manager.getClass().getClassLoader()).isSameAs(plugin);
      ((RemoteStorageManager) manager).close();
    }
  }

  /**
   * On nothing but what a broker has: Kafka's API and an SLF4J older than the one we build with.
   */
  @Test
  void itsConsoleRunsWithoutAnythingOfTheBrokers(@TempDir Path data) throws Exception {
    int port = QuietPorts.take();
    Map<String, String> settings =
        Map.of(
            "data.dir", data.toString(),
            "s3.endpoint", "http://127.0.0.1:1",
            "s3.access.key.id", "none",
            "s3.secret.access.key", "none");
    try (URLClassLoader broker = broker();
        URLClassLoader plugin = new URLClassLoader(new URL[] {jar().toUri().toURL()}, broker)) {
      Class<?> type = plugin.loadClass(TakhinRemoteStorageManager.class.getName());
      Object manager = start(type, settings, port);
      try {
        assertThat(get(port, "/")).contains("Segments in the bucket");
        assertThat(get(port, "/api/v1/console")).contains("remote_storage");
        assertThat(get(port, "/api/v1/remote/stats")).contains("\"broker_id\":77");
        assertThat(get(port, "/metrics")).contains("\ntakhin_kafka_calls_seconds_count{");
        assertThat(get(port, "/api/v1/tiered/segments")).contains("not-offered");
        assertThat(beans()).isNotEmpty();
      } finally {
        type.getMethod("close").invoke(manager);
      }
      assertThat(beans()).isEmpty();
    }
  }

  /** As in a pod of EKS: the SDK looks by name for what exchanges the pod's token. */
  @Test
  void itsCredentialsMayComeByWebIdentity(@TempDir Path data) throws Exception {
    int port = QuietPorts.take();
    Path token = Files.writeString(data.resolve("token"), "token-of-the-pod");
    try (AwsEndpoint aws = AwsEndpoint.start();
        URLClassLoader broker = broker();
        URLClassLoader plugin = new URLClassLoader(new URL[] {jar().toUri().toURL()}, broker)) {
      System.setProperty("aws.webIdentityTokenFile", token.toString());
      System.setProperty("aws.roleArn", "arn:aws:iam::123456789012:role/takhin");
      System.setProperty("aws.region", "us-east-1");
      System.setProperty("aws.endpointUrlSts", aws.uri());
      Class<?> type = plugin.loadClass(TakhinRemoteStorageManager.class.getName());
      Thread.currentThread().setContextClassLoader(plugin); // As brokers do.
      Object manager =
          start(type, Map.of("data.dir", data.toString(), "s3.endpoint", aws.uri()), port);
      try {
        assertThat(get(port, "/api/v1/remote/topics")).contains("topics");

        assertThat(aws.exchanged()).containsExactly("token-of-the-pod");
        assertThat(aws.signers()).containsOnly(AwsEndpoint.TEMPORARY_KEY);
      } finally {
        type.getMethod("close").invoke(manager);
      }
    }
  }

  /** What a broker has of which plugins see something, with an older SLF4J than ours. */
  private static URLClassLoader broker() throws IOException {
    return new URLClassLoader(
        new URL[] {
          api("kafka-clients-3.9.2"), api("kafka-storage-api-3.9.2"), api("slf4j-api-1.7.36")
        },
        ClassLoader.getPlatformClassLoader());
  }

  /** Starts one with its console. */
  private static Object start(Class<?> type, Map<String, String> settings, int port)
      throws ReflectiveOperationException {
    Map<String, String> all = new HashMap<>(settings);
    all.put("broker.id", "77");
    all.put("s3.bucket", "not-used");
    all.put("console.enabled", "true");
    all.put("console.port", Integer.toString(port));
    Object manager = type.getConstructor().newInstance();
    type.getMethod("configure", Map.class).invoke(manager, all);
    return manager;
  }

  private static URL api(String name) throws IOException {
    Path directory = Path.of(System.getProperty("takhin.kafka.api.dir"));
    return directory.resolve(name + ".jar").toUri().toURL();
  }

  private static String get(int port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }

  private static Set<ObjectName> beans() throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("io.takhin.kafka:type=metrics,broker=77,*"), null);
  }

  private static Path jar() throws IOException {
    Path directory = Path.of(System.getProperty("takhin.kafka.dist.dir"));
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> jars = files.toList();
      assertThat(jars).as("in %s", directory).hasSize(1);
      return jars.get(0);
    }
  }
}
