package io.takhin.kafka.form;

import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.WrappedKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The master keys. Each copy of a segment has a data key of its own, which is stored with it,
 * encrypted with the active one; the others are for segments that were copied earlier. Rotation is
 * a new key that becomes the active one: nothing is encrypted anew by that.
 *
 * <p>Any thread.
 */
public final class KeyRing {
  /** Nothing is encrypted, and nothing that is can be read. */
  public static final KeyRing NONE = new KeyRing(Map.of(), Optional.empty(), new SecureRandom());

  private static final int DATA_KEY_BYTES = 32;

  private final Map<String, MasterKey> keys;
  private final Optional<String> activeId;
  private final SecureRandom random;

  private KeyRing(Map<String, MasterKey> keys, Optional<String> activeId, SecureRandom random) {
    this.keys = keys;
    this.activeId = activeId;
    this.random = random;
  }

  /**
   * Reads the keys.
   *
   * @param files by the id of the key in it
   * @param activeId one of those; empty if nothing is to be encrypted
   * @throws IOException naming file and id, and nothing of the content
   */
  public static KeyRing read(Map<String, Path> files, Optional<String> activeId)
      throws IOException {
    SecureRandom random = new SecureRandom();
    Map<String, MasterKey> keys = new TreeMap<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      try {
        keys.put(file.getKey(), KeyFile.read(file.getValue(), random));
      } catch (IOException e) {
        throw new IOException(
            "master key cannot be used: key_id="
                + file.getKey()
                + " file="
                + file.getValue()
                + " problem=\""
                + e
                + "\"",
            e);
      }
    }
    if (activeId.isPresent() && !keys.containsKey(activeId.get())) {
      throw new IOException(
          "the active master key is none of those given: expected one of "
              + keys.keySet()
              + ", got "
              + activeId.get());
    }
    return new KeyRing(keys, activeId, random);
  }

  /** Whether what is copied is to be encrypted. */
  public boolean isActive() {
    return activeId.isPresent();
  }

  /** A data key, and how it is stored. */
  record DataKey(SecretKey key, WrappedKey wrapped) {}

  /** A new data key, under the active master key. */
  DataKey newKey(RemoteSegmentId segment) {
    String id = activeId.orElseThrow(() -> new IllegalStateException("no active master key"));
    byte[] dataKey = new byte[DATA_KEY_BYTES];
    random.nextBytes(dataKey);
    try {
      byte[] encrypted = master(id).orElseThrow().encrypt(dataKey, context(segment));
      return new DataKey(new SecretKeySpec(dataKey, "AES"), new WrappedKey(id, encrypted));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot encrypt a data key: key_id=" + id, e);
    } finally {
      Arrays.fill(dataKey, (byte) 0);
    }
  }

  /**
   * The data key of a segment.
   *
   * @throws KeyUnusableException if its master key is not here, or is another one
   */
  SecretKey unwrap(RemoteSegmentId segment, WrappedKey wrapped) throws KeyUnusableException {
    String id = wrapped.masterKeyId();
    MasterKey master =
        master(id)
            .orElseThrow(
                () ->
                    new KeyUnusableException(
                        "the segment's master key is not configured (encryption.keys): segment="
                            + segment
                            + " key_id="
                            + id
                            + " configured="
                            + keys.keySet(),
                        null));
    try {
      byte[] dataKey = master.decrypt(wrapped.encrypted(), context(segment));
      return new SecretKeySpec(dataKey, "AES");
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new KeyUnusableException(
          "the configured master key of that id is not the one that the segment was encrypted"
              + " with, or its data key was altered: segment="
              + segment
              + " key_id="
              + id,
          e);
    }
  }

  private Optional<MasterKey> master(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  /** A data key is of one segment and no other. */
  private static byte[] context(RemoteSegmentId segment) {
    return ("takhin-kafka data key\n" + segment.topicId() + '\n' + segment)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Ids only. */
  @Override
  public String toString() {
    return "KeyRing[active=" + activeId.orElse("none") + ", keys=" + keys.keySet() + "]";
  }
}
