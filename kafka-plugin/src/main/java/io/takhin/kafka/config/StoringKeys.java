package io.takhin.kafka.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.takhin.tiered.store.s3.S3Keeping;
import io.takhin.tiered.store.s3.S3Keeping.Encryption;
import io.takhin.tiered.store.s3.S3StorageClass;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/** The keys that tell how the bucket is to keep what is copied. */
final class StoringKeys {
  static final String STORAGE_CLASS = "s3.storage.class";
  static final String SSE = "s3.sse.type";
  static final String SSE_KMS_KEY = "s3.sse.kms.key.id";

  private static final String BUCKET = "bucket";
  private static final String S3 = "s3";
  private static final String KMS = "kms";
  private static final Pattern KMS_KEY = Pattern.compile("[A-Za-z0-9:/_-]{0,2048}");

  private StoringKeys() {}

  static void define(ConfigDef all) {
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
