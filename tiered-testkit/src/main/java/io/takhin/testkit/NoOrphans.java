package io.takhin.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The post-condition of every test that used a bucket: each object is named by a manifest that
 * stands, and no upload is pending. Looks below the prefixes that {@link
 * EmbeddedS3Fixture#freshPrefix()} gave to the test, once its own clean-up is done. A test that has
 * failed already is left with its own failure.
 *
 * <p>Found by JUnit by itself where {@code junit.jupiter.extensions.autodetection.enabled} is set;
 * the fixture refuses to give prefixes where it is not. {@link LeavesObjects} makes exceptions.
 */
public final class NoOrphans
    implements BeforeAllCallback, TestInstancePreConstructCallback, AfterEachCallback {
  private static final int PAGE = 1000;
  private static final String MANIFEST = ".manifest.json";
  private static final String TOMBSTONE = ".tombstone.json";

  /** Of the plugin for Apache Kafka, whose manifests name by their own names what lies beside. */
  private static final String KAFKA_WRITER = "takhin-kafka";

  private static final List<String> KAFKA_FILES = List.of(".log", ".indexes");

  /** What belongs to no segment, see docs/formats.md. */
  private static final List<String> OWN =
      List.of("/.takhin/holds/", "/.takhin/writers/", "/.takhin/gaps/", "/.takhin/clock.txt");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static volatile boolean active;

  @Override
  public void beforeAll(ExtensionContext context) {
    active = true;
  }

  /** One instance for all tests of a class is made before {@link #beforeAll}. */
  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext factory, ExtensionContext context) {
    active = true;
  }

  static boolean isActive() {
    return active;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    List<String> prefixes = EmbeddedS3Fixture.takePrefixes();
    if (prefixes.isEmpty() || context.getExecutionException().isPresent()) {
      return;
    }
    Optional<LeavesObjects> allowed =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), LeavesObjects.class)
            .or(
                () ->
                    AnnotationSupport.findAnnotation(
                        context.getRequiredTestClass(), LeavesObjects.class));
    boolean mayLeaveUploads = allowed.map(LeavesObjects::uploads).orElse(false);
    List<String> problems = new ArrayList<>();
    try (ObjectStore store = EmbeddedS3Fixture.shared().open()) {
      for (String prefix : prefixes) {
        if (!mayLeaveUploads) {
          store
              .pendingUploads(prefix)
              .forEach(upload -> problems.add("upload is pending: " + upload));
        }
        if (allowed.isEmpty()) {
          orphans(store, prefix).forEach(key -> problems.add("no manifest names it: " + key));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new AssertionError(
          "the test left in the bucket what belongs to nobody:\n  "
              + String.join("\n  ", problems));
    }
  }

  /** The keys below the prefix of objects that no manifest names. */
  static List<String> orphans(ObjectStore store, String prefix) throws IOException {
    List<String> keys = keys(store, prefix);
    Set<String> named = new HashSet<>();
    for (String key : keys) {
      if (key.endsWith(MANIFEST)) {
        named.add(key);
        String stem = key.substring(0, key.length() - MANIFEST.length());
        named.add(stem + TOMBSTONE);
        String folder = key.substring(0, key.lastIndexOf('/') + 1);
        JsonNode manifest = read(store, key);
        for (JsonNode file : manifest.path("files")) {
          named.add(folder + file.path("name").asText());
        }
        if (manifest.path("writer").asText().equals(KAFKA_WRITER)) {
          KAFKA_FILES.forEach(ending -> named.add(stem + ending));
        }
      }
    }
    return keys.stream()
        .filter(key -> !named.contains(key) && OWN.stream().noneMatch(key::contains))
        .toList();
  }

  private static List<String> keys(ObjectStore store, String prefix) throws IOException {
    List<String> keys = new ArrayList<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page;
    do {
      page = store.list(prefix, last, PAGE);
      for (StoredObject object : page) {
        last = object.key();
        keys.add(last.value());
      }
    } while (page.size() == PAGE);
    return keys;
  }

  private static JsonNode read(ObjectStore store, String key) throws IOException {
    ObjectKey manifest = new ObjectKey(key);
    long sizeBytes = store.head(manifest).orElseThrow().sizeBytes();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    store.read(manifest, 0, sizeBytes, null, Channels.newChannel(json));
    return JSON.readTree(json.toByteArray());
  }
}
