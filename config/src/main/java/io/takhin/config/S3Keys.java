package io.takhin.config;

import static io.takhin.config.ValueType.bucket;
import static io.takhin.config.ValueType.choice;
import static io.takhin.config.ValueType.count;
import static io.takhin.config.ValueType.duration;
import static io.takhin.config.ValueType.folder;
import static io.takhin.config.ValueType.keyPrefix;
import static io.takhin.config.ValueType.kmsKey;
import static io.takhin.config.ValueType.port;
import static io.takhin.config.ValueType.region;
import static io.takhin.config.ValueType.s3Endpoint;
import static io.takhin.config.ValueType.storageClass;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys of the bucket and of the server that has it. */
final class S3Keys {

  /** In order of declaration. */
  static final List<ConfigKey<?>> ALL = new ArrayList<>();

  static final ConfigKey<String> S3_BUCKET =
      key(
          "storage.tiered.s3.bucket",
          bucket(),
          "takhin",
          "Bucket of the archived segments. It has to exist, except on the embedded server.");

  static final ConfigKey<String> S3_REGION =
      key("storage.tiered.s3.region", region(), "us-east-1", "Region of the bucket.");

  static final ConfigKey<String> S3_PREFIX =
      key(
          "storage.tiered.s3.prefix",
          keyPrefix(),
          "segments",
          "Folder in the bucket below which all objects lie. Two brokers never share a prefix.");

  static final ConfigKey<String> S3_ENDPOINT =
      key(
          "storage.tiered.s3.endpoint",
          s3Endpoint(),
          "",
          "S3 server. Empty is AWS; \"embedded\" starts and stops a local S3 server together with"
              + " the broker; a URL such as http://localhost:9000 is any other server.");

  static final ConfigKey<PathStyle> S3_PATH_STYLE =
      key(
          "storage.tiered.s3.path.style",
          choice(PathStyle.class),
          "auto",
          "Put the bucket into the path of a URL rather than into its host name. \"auto\" does so"
              + " unless the server is AWS.");

  static final ConfigKey<Duration> S3_REQUEST_TIMEOUT_SECONDS =
      key(
          "storage.tiered.s3.request.timeout.seconds",
          duration(SECONDS, "0.1", "3600"),
          "30",
          "How long one attempt of one request to S3 may take. While a part or range is on its way,"
              + " how long its connection may move no byte before it is given up and another one"
              + " tried.");

  static final ConfigKey<Integer> S3_MAX_RETRIES =
      key(
          "storage.tiered.s3.max.retries",
          count(1, 20),
          "3",
          "Attempts after the first one before a request to S3 counts as failed.");

  static final ConfigKey<Optional<StorageClass>> S3_STORAGE_CLASS =
      key(
          "storage.tiered.s3.storage.class",
          storageClass().orEmpty("the bucket's own"),
          "",
          "Storage class of what is uploaded. Objects below 128 KiB that would cost more in it stay"
              + " where the bucket puts them. The archive tiers of INTELLIGENT_TIERING have to stay"
              + " switched off.");

  static final ConfigKey<ServerEncryption> S3_SSE =
      key(
          "storage.tiered.s3.sse.type",
          choice(ServerEncryption.class),
          "bucket",
          "Encryption by S3 of what is uploaded: \"bucket\" leaves it to the bucket, \"s3\" is"
              + " SSE-S3, \"kms\" is SSE-KMS.");

  static final ConfigKey<Optional<String>> S3_SSE_KMS_KEY_ID =
      key(
          "storage.tiered.s3.sse.kms.key.id",
          kmsKey().orEmpty("the account's default key"),
          "",
          "Key for SSE-KMS. Whoever reads and writes needs the permissions kms:Decrypt and"
              + " kms:GenerateDataKey for it.");

  static final ConfigKey<Optional<Path>> S3_EMBEDDED_DIR =
      key(
          "storage.tiered.s3.embedded.dir",
          folder().orEmpty("<storage.data.dir>/.s3"),
          "",
          "Folder of the embedded S3 server's objects.",
          "s3.embedded.dir");

  static final ConfigKey<Integer> S3_EMBEDDED_PORT =
      key(
          "storage.tiered.s3.embedded.port",
          port(),
          "0",
          "Port of the embedded S3 server, which listens on 127.0.0.1 only. 0 takes a free port.");

  private S3Keys() {}

  private static <T> ConfigKey<T> key(
      String name, ValueType<T> type, String defaultText, String description, String... aliases) {
    return ConfigKeys.in(ALL, name, type, defaultText, description, aliases);
  }
}
