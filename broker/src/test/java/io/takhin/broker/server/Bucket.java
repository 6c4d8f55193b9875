package io.takhin.broker.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A look into the bucket past the broker, to see what it holds below a prefix. */
final class Bucket implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MANIFEST = ".manifest.json";
  private static final int PAGE = 100;

  private final S3Store store;
  private final String prefix;

  Bucket(URI endpoint, String bucket, String prefix) {
    this.store =
        new S3Store(
            S3Options.at(endpoint, bucket, "us-east-1")
                .withKeys(new S3Options.StaticKeys("any", "any")));
    this.prefix = prefix;
  }

  /** The objects of segments. */
  List<String> keys() throws IOException {
    List<String> keys = new ArrayList<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page;
    do {
      page = store.list(prefix, last, PAGE);
      for (StoredObject object : page) {
        last = object.key();
        if (!last.value().contains("/.takhin/")) {
          keys.add(last.value());
        }
      }
    } while (!page.isEmpty());
    return keys;
  }

  List<String> manifests() throws IOException {
    return keys().stream().filter(key -> key.endsWith(MANIFEST)).toList();
  }

  /** Every manifest, and every object that one of them names. */
  Set<String> named() throws IOException {
    Set<String> named = new HashSet<>();
    for (String manifest : manifests()) {
      named.add(manifest);
      String folder = manifest.substring(0, manifest.lastIndexOf('/') + 1);
      for (JsonNode file : read(manifest).get("files")) {
        named.add(folder + file.get("name").asText());
      }
    }
    return named;
  }

  List<PendingUpload> pendingUploads() throws IOException {
    return store.pendingUploads(prefix);
  }

  private JsonNode read(String key) throws IOException {
    ObjectKey manifest = new ObjectKey(key);
    StoredObject object = store.head(manifest).orElseThrow();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    store.read(manifest, 0, object.sizeBytes(), object.etag(), Channels.newChannel(json));
    return JSON.readTree(json.toByteArray());
  }

  @Override
  public void close() {
    store.close();
  }
}
