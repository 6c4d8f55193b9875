package io.takhin.kafka.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.takhin.kafka.form.KeyRing;
import io.takhin.kafka.form.Storing;
import io.takhin.kafka.form.Zstd;
import io.takhin.kafka.layout.WrappedKey;
import io.takhin.tiered.store.s3.S3Keeping;
import io.takhin.tiered.store.s3.S3Keeping.Encryption;
import io.takhin.tiered.store.s3.S3StorageClass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/** The keys that tell what is done to the bytes of segments, here and by the store. */
final class StoringKeys {
  static final String STORAGE_CLASS = "s3.storage.class";
  static final String SSE = "s3.sse.type";
  static final String SSE_KMS_KEY = "s3.sse.kms.key.id";
  static final String COMPRESSION = "compression.type";
  static final String COMPRESSION_LEVEL = "compression.level";
  static final String ENCRYPTION_KEY = "encryption.key.id";
  static final String ENCRYPTION_KEYS = "encryption.keys";

  private static final String BUCKET = "bucket";
  private static final String S3 = "s3";
  private static final String KMS = "kms";
  private static final String NONE = "none";
  private static final String ZSTD = "zstd";
  private static final int DEFAULT_LEVEL = 3;
  private static final Pattern KMS_KEY = Pattern.compile("[A-Za-z0-9:/_-]{0,2048}");

  /** Id and file. */
  private static final Pattern ENTRY =
      Pattern.compile("(" + WrappedKey.KEY_ID.pattern() + ")\\s*=\\s*([^\\x00]+)");

  private StoringKeys() {}

  static void define(ConfigDef all) {
    byTheStore(all);
    compression(all);
    encryption(all);
  }

  private static void compression(ConfigDef all) {
    all.define(
        COMPRESSION,
        ConfigDef.Type.STRING,
        NONE,
        ValidString.in(NONE, ZSTD),
        MEDIUM,
        "Compression of the logs that are copied from now on, in blocks of 128 KiB. Logs that would"
            + " shrink by less than a twentieth, as those that producers have compressed, are left"
            + " as they are.");
    all.define(
        COMPRESSION_LEVEL,
        ConfigDef.Type.INT,
        DEFAULT_LEVEL,
        Range.between(1, Zstd.MAX_LEVEL),
        LOW,
        "How hard zstd tries; higher is slower.");
  }

  private static void encryption(ConfigDef all) {
    all.define(
        ENCRYPTION_KEY,
        ConfigDef.Type.STRING,
        "",
        PluginKeys.matching(
            "empty, or 1 to 64 characters of [A-Za-z0-9._-]",
            text -> text.isEmpty() || WrappedKey.KEY_ID.matcher(text).matches()),
        MEDIUM,
        "Which of the encryption.keys encrypts what is copied from now on, with AES-256-GCM and a"
            + " data key for each segment. Empty is no encryption.");
    all.define(
        ENCRYPTION_KEYS,
        ConfigDef.Type.LIST,
        "",
        PluginKeys.matching("id=file, separated by commas", StoringKeys::isKeyList),
        MEDIUM,
        "Master keys, each as id=file: 32 bytes in base64, or an RSA key in PEM (BEGIN PRIVATE"
            + " KEY). All brokers have the same. To rotate, add a key everywhere, then make it the"
            + " encryption.key.id; keep the old one as long as there are segments under it.");
  }

  private static void byTheStore(ConfigDef all) {
    all.define(
        STORAGE_CLASS,
        ConfigDef.Type.STRING,
        "",
        PluginKeys.matching(
            "empty, or one that can be read at once: " + S3StorageClass.names(),
            text -> text.isEmpty() || S3StorageClass.find(text).isPresent()),
        MEDIUM,
        "Storage class of what is copied from now on. Empty leaves it to the bucket. Objects below"
            + " 128 KiB that would cost more in it stay where the bucket puts them. The archive"
            + " tiers of INTELLIGENT_TIERING have to stay switched off.");
    all.define(
        SSE,
        ConfigDef.Type.STRING,
        BUCKET,
        ValidString.in(BUCKET, S3, KMS),
        MEDIUM,
        "Encryption by the store of what is copied from now on: bucket leaves it to the bucket, s3"
            + " is SSE-S3, kms is SSE-KMS.");
    all.define(
        SSE_KMS_KEY,
        ConfigDef.Type.STRING,
        "",
        PluginKeys.matching(
            "empty, or the id, ARN or alias of a KMS key", text -> KMS_KEY.matcher(text).matches()),
        MEDIUM,
        "Key for SSE-KMS; empty is the account's default key. Brokers need the permissions"
            + " kms:Decrypt and kms:GenerateDataKey for it.");
  }

  /** The text is that of a list, in brackets. */
  private static boolean isKeyList(String list) {
    String inner = list.substring(1, list.length() - 1).strip();
    Set<String> ids = new HashSet<>();
    return inner.isEmpty()
        || Arrays.stream(inner.split(",", -1))
            .map(entry -> ENTRY.matcher(entry.strip()))
            .allMatch(entry -> entry.matches() && ids.add(entry.group(1)));
  }

  /**
   * What is done to the bytes here.
   *
   * @param values of all keys, valid
   * @param problems gets those of the key files
   */
  static Storing storing(Map<String, Object> values, List<String> problems) {
    OptionalInt level = OptionalInt.empty();
    if (text(values, COMPRESSION).equals(ZSTD)) {
      level = OptionalInt.of((Integer) values.getOrDefault(COMPRESSION_LEVEL, DEFAULT_LEVEL));
      if (!Zstd.isPresent()) {
        problems.add(
            COMPRESSION
                + "="
                + ZSTD
                + ": zstd-jni, which brokers have beside Kafka's own jars, cannot be loaded");
      }
    }
    Map<String, Path> files = new TreeMap<>();
    if (values.get(ENCRYPTION_KEYS) instanceof List<?> entries) {
      for (Object entry : entries) {
        Matcher parts = ENTRY.matcher(String.valueOf(entry));
        if (parts.matches()) {
          files.put(parts.group(1), Path.of(parts.group(2)));
        }
      }
    }
    String active = text(values, ENCRYPTION_KEY);
    try {
      return new Storing(
          level, KeyRing.read(files, active.isEmpty() ? Optional.empty() : Optional.of(active)));
    } catch (IOException e) {
      problems.add(ENCRYPTION_KEYS + ": " + e.getMessage());
      return Storing.AS_IT_WAS; // Not used: there is a problem.
    }
  }

  /** A problem if a key is named that nothing would be encrypted with. */
  static Optional<String> requireKmsForItsKey(Map<String, String> texts) {
    boolean named = !texts.getOrDefault(SSE_KMS_KEY, "").isEmpty();
    return named && !texts.getOrDefault(SSE, BUCKET).equals(KMS)
        ? Optional.of("A key is given as " + SSE_KMS_KEY + ": expected " + SSE + "=" + KMS)
        : Optional.empty();
  }

  /**
   * @param values of all keys, valid
   */
  static S3Keeping keeping(Map<String, Object> values) {
    String key = text(values, SSE_KMS_KEY);
    Optional<Encryption> encryption =
        switch (text(values, SSE)) {
          case S3 -> Optional.of(new Encryption.WithStoreKey());
          case KMS ->
              Optional.of(
                  new Encryption.WithKmsKey(key.isEmpty() ? Optional.empty() : Optional.of(key)));
          default -> Optional.empty();
        };
    return new S3Keeping(S3StorageClass.find(text(values, STORAGE_CLASS)), encryption);
  }

  private static String text(Map<String, Object> values, String name) {
    return String.valueOf(values.get(name));
  }
}
