package io.takhin.config;

import java.net.URI;
import java.nio.file.Path;

/** Puts checked settings into their records. */
final class ConfigAssembly {

  private final Settings settings;

  private ConfigAssembly(Settings settings) {
    this.settings = settings;
  }

  static TakhinConfig from(Settings settings) {
    ConfigAssembly assembly = new ConfigAssembly(settings);
    return new TakhinConfig(assembly.broker(), assembly.console(), assembly.storage());
  }

  private BrokerConfig broker() {
    String host = settings.get(BrokerKeys.BROKER_HOST);
    return new BrokerConfig(
        host,
        settings.get(BrokerKeys.BROKER_PORT),
        settings.get(BrokerKeys.BROKER_ADVERTISED_HOST).orElse(host),
        new TopicDefaults(
            settings.get(BrokerKeys.BROKER_AUTO_CREATE_TOPICS),
            settings.get(BrokerKeys.BROKER_NUM_PARTITIONS)),
        settings.get(BrokerKeys.BROKER_MAX_CONNECTIONS),
        settings.get(BrokerKeys.BROKER_MAX_REQUEST_BYTES),
        settings.get(BrokerKeys.BROKER_SHUTDOWN_TIMEOUT_SECONDS));
  }

  private ConsoleConfig console() {
    return new ConsoleConfig(
        settings.get(BrokerKeys.CONSOLE_ENABLED),
        settings.get(BrokerKeys.CONSOLE_HOST),
        settings.get(BrokerKeys.CONSOLE_PORT),
        settings.get(BrokerKeys.CONSOLE_MAX_REQUEST_BYTES));
  }

  private StorageConfig storage() {
    return new StorageConfig(
        settings.get(TieredKeys.STORAGE_DATA_DIR),
        new LogConfig(
            settings.get(TieredKeys.STORAGE_LOG_SEGMENT_BYTES),
            settings.get(TieredKeys.STORAGE_LOG_RETENTION_HOURS),
            settings.get(TieredKeys.STORAGE_LOG_RETENTION_BYTES)),
        new TieredConfig(
            settings.get(TieredKeys.TIERED_ENABLED),
            archive(),
            restore(),
            read(),
            transfer(),
            disk(),
            sweep(),
            verify(),
            s3(),
            settings.get(TieredKeys.TIERED_DELETE_DELAY_HOURS)));
  }

  private ArchiveConfig archive() {
    return new ArchiveConfig(
        settings.get(TieredKeys.TIERED_AUTO_ARCHIVE_ENABLED),
        settings.get(TieredKeys.TIERED_ARCHIVE_INTERVAL_MINUTES),
        settings.get(TieredKeys.TIERED_WARM_AGE_HOURS),
        settings.get(TieredKeys.TIERED_COLD_AGE_HOURS),
        settings.get(TieredKeys.TIERED_LOCAL_MIN_RESIDENCY_MINUTES),
        settings.get(TieredKeys.TIERED_ARCHIVE_PARALLELISM),
        settings.get(TieredKeys.TIERED_ARCHIVE_ATTEMPTS));
  }

  private RestoreConfig restore() {
    return new RestoreConfig(
        settings.get(TieredKeys.TIERED_LOCAL_CACHE_SIZE_MB),
        settings.get(TieredKeys.TIERED_READ_TIMEOUT_SECONDS),
        settings.get(TieredKeys.TIERED_RESTORE_PARALLELISM));
  }

  private ReadConfig read() {
    return new ReadConfig(
        settings.get(TieredKeys.TIERED_READ_MODE),
        settings.get(TieredKeys.TIERED_READ_PARALLELISM),
        settings.get(TieredKeys.TIERED_READ_AHEAD_MB),
        settings.get(TieredKeys.TIERED_READ_RESTORE_AFTER_READS),
        settings.get(TieredKeys.TIERED_READ_RESTORE_COVERAGE_PERCENT));
  }

  private TransferConfig transfer() {
    return new TransferConfig(
        settings.get(TieredKeys.TIERED_TRANSFER_PART_SIZE_MB),
        settings.get(TieredKeys.TIERED_TRANSFER_PARALLELISM),
        settings.get(TieredKeys.TIERED_TRANSFER_UPLOAD_LIMIT),
        settings.get(TieredKeys.TIERED_TRANSFER_DOWNLOAD_LIMIT));
  }

  private DiskConfig disk() {
    return new DiskConfig(
        settings.get(TieredKeys.TIERED_OUTAGE_POLICY),
        settings.get(TieredKeys.TIERED_DISK_LOW_PERCENT),
        settings.get(TieredKeys.TIERED_DISK_HIGH_PERCENT),
        settings.get(TieredKeys.TIERED_DISK_FULL_PERCENT));
  }

  private SweepConfig sweep() {
    return new SweepConfig(
        settings.get(TieredKeys.TIERED_SWEEP_INTERVAL_HOURS),
        settings.get(TieredKeys.TIERED_SWEEP_GRACE_HOURS));
  }

  private VerifyConfig verify() {
    return new VerifyConfig(
        settings.get(TieredKeys.TIERED_VERIFY_INTERVAL_HOURS),
        settings.get(TieredKeys.TIERED_VERIFY_REQUESTS_PER_DAY),
        settings.get(TieredKeys.TIERED_VERIFY_MB_PER_DAY),
        settings.get(TieredKeys.TIERED_VERIFY_LEVEL));
  }

  private S3Config s3() {
    S3Endpoint endpoint = endpoint();
    return new S3Config(
        settings.get(S3Keys.S3_BUCKET),
        settings.get(S3Keys.S3_REGION),
        settings.get(S3Keys.S3_PREFIX),
        endpoint,
        settings.get(S3Keys.S3_PATH_STYLE).resolve(endpoint),
        settings.get(S3Keys.S3_REQUEST_TIMEOUT_SECONDS),
        settings.get(S3Keys.S3_MAX_RETRIES),
        new S3ObjectsConfig(
            settings.get(S3Keys.S3_STORAGE_CLASS),
            settings.get(S3Keys.S3_SSE),
            settings.get(S3Keys.S3_SSE_KMS_KEY_ID)));
  }

  private S3Endpoint endpoint() {
    String endpoint = settings.get(S3Keys.S3_ENDPOINT);
    if (endpoint.isEmpty()) {
      return new S3Endpoint.Aws();
    }
    if (endpoint.equals(S3Endpoint.Embedded.WORD)) {
      Path dataDir = settings.get(TieredKeys.STORAGE_DATA_DIR);
      return new S3Endpoint.Embedded(
          settings.get(S3Keys.S3_EMBEDDED_DIR).orElseGet(() -> dataDir.resolve(".s3")),
          settings.get(S3Keys.S3_EMBEDDED_PORT));
    }
    return new S3Endpoint.Server(URI.create(endpoint));
  }
}
