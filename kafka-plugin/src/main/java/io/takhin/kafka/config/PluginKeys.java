package io.takhin.kafka.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.NO_DEFAULT_VALUE;

import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.TransferOptions;
import java.net.URI;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/** Every key: the only place that knows its name, default, bounds and meaning. */
final class PluginKeys {
  static final String DATA_DIR = "data.dir";
  static final String KEY_PREFIX = "key.prefix";
  static final String S3_BUCKET = "s3.bucket";
  static final String S3_REGION = "s3.region";
  static final String S3_ENDPOINT = "s3.endpoint";
  static final String S3_PATH_STYLE = "s3.path.style";
  static final String S3_PROFILE = "s3.profile";
  static final String S3_ACCESS_KEY_ID = "s3.access.key.id";
  static final String S3_SECRET_ACCESS_KEY = "s3.secret.access.key";
  static final String S3_REQUEST_TIMEOUT = "s3.request.timeout.ms";
  static final String S3_MAX_RETRIES = "s3.max.retries";
  static final String TRANSFER_PART_SIZE = "transfer.part.size.bytes";
  static final String TRANSFER_PARALLELISM = "transfer.parallelism";
  static final String UPLOAD_LIMIT = "transfer.upload.limit.bytes.per.second";
  static final String DOWNLOAD_LIMIT = "transfer.download.limit.bytes.per.second";
  static final String COPY_TIMEOUT = "copy.timeout.ms";
  static final String COPY_INDEX_MEMORY = "copy.index.memory.bytes";
  static final String DELETE_PARALLELISM = "delete.parallelism";
  static final String DELETE_MAX_PENDING = "delete.max.pending";
  static final String DELETE_RETRY_PAUSE = "delete.retry.pause.ms";

  static final String FETCH_CACHE_SIZE = "fetch.cache.size.bytes";
  static final String FETCH_READ_AHEAD = "fetch.read.ahead.bytes";
  static final String FETCH_PARALLELISM = "fetch.parallelism";
  static final String FETCH_TIMEOUT = "fetch.timeout.ms";

  static final String AUTO = "auto";

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final long MIN_PART_BYTES = 5L << 20;

  static final ConfigDef ALL = new ConfigDef();

  static {
    where();
    StoringKeys.define(ALL);
    transfers();
    copiesAndDeletes();
    fetches();
    ConsoleKeys.define(ALL);
  }

  private PluginKeys() {}

  private static void where() {
    ALL.define(
        DATA_DIR,
        ConfigDef.Type.STRING,
        NO_DEFAULT_VALUE,
        matching("a folder", text -> !text.isBlank() && !text.startsWith("~")),
        HIGH,
        "Folder on the broker's disk for what the plugin has to remember (which objects are to be"
            + " removed from the bucket) and for what it has fetched. Each broker makes a folder of its own in it, named by its"
            + " id. It has to survive restarts.");
    ALL.define(
        KEY_PREFIX,
        ConfigDef.Type.STRING,
        "kafka",
        matching(
            "folders separated by single slashes, at most "
                + SegmentLayout.MAX_PREFIX_BYTES
                + " characters of [a-zA-Z0-9!_.*'()=-]",
            PluginKeys::isPrefix),
        HIGH,
        "Folder in the bucket for what is copied from now on. May be changed: segments remember"
            + " theirs. Two clusters never share one.");
    ALL.define(
        S3_BUCKET,
        ConfigDef.Type.STRING,
        NO_DEFAULT_VALUE,
        matching("an S3 bucket name", text -> BUCKET.matcher(text).matches()),
        HIGH,
        "Bucket of the remote segments. It has to exist.");
    ALL.define(
        S3_REGION,
        ConfigDef.Type.STRING,
        "us-east-1",
        matching("a region such as us-east-1", text -> REGION.matcher(text).matches()),
        HIGH,
        "Region of the bucket.");
    ALL.define(
        S3_ENDPOINT,
        ConfigDef.Type.STRING,
        "",
        matching("empty, or an http or https URL of host and port", PluginKeys::isEndpoint),
        HIGH,
        "Server, such as http://localhost:9000. Empty is AWS.");
    ALL.define(
        S3_PATH_STYLE,
        ConfigDef.Type.STRING,
        AUTO,
        ValidString.in(AUTO, "true", "false"),
        MEDIUM,
        "Put the bucket into the path of a URL rather than into its host name. auto does so unless"
            + " the server is AWS.");
    ALL.define(
        S3_PROFILE,
        ConfigDef.Type.STRING,
        "",
        MEDIUM,
        "Section of the AWS profile files to take credentials from. Empty is the default chain of"
            + " the AWS SDK: environment, web identity, profile files, container or instance role.");
    ALL.define(
        S3_ACCESS_KEY_ID,
        ConfigDef.Type.STRING,
        "",
        MEDIUM,
        "Access key, for servers without another way to get one. Empty is the default chain.");
    ALL.define(
        S3_SECRET_ACCESS_KEY,
        ConfigDef.Type.PASSWORD,
        "",
        MEDIUM,
        "The secret that belongs to it. Better given by a config provider than in plain text.");
  }

  private static void transfers() {
    ALL.define(
        S3_REQUEST_TIMEOUT,
        ConfigDef.Type.LONG,
        30_000,
        Range.between(100, 3_600_000),
        LOW,
        "How long one attempt of one request may take. While a part or range is on its way, how"
            + " long its connection may move no byte before it is given up and another one tried.");
    ALL.define(
        S3_MAX_RETRIES,
        ConfigDef.Type.INT,
        3,
        Range.between(1, 20),
        LOW,
        "Attempts after the first one before a request counts as failed.");
    ALL.define(
        TRANSFER_PART_SIZE,
        ConfigDef.Type.LONG,
        TransferOptions.DEFAULT.partSizeBytes(),
        Range.between(MIN_PART_BYTES, TransferOptions.MAX_PART_SIZE_BYTES),
        LOW,
        "Size of the parts in which logs are sent.");
    ALL.define(
        TRANSFER_PARALLELISM,
        ConfigDef.Type.INT,
        TransferOptions.DEFAULT.parallelism(),
        Range.between(1, 256),
        MEDIUM,
        "Parts sent at the same time, over all copies. They take at most this times the part size"
            + " of direct memory, and never more than half of what the JVM allows.");
    ALL.define(
        UPLOAD_LIMIT,
        ConfigDef.Type.LONG,
        0,
        limit(),
        MEDIUM,
        "Payload to the store in bytes per second, all copies together. 0 is no limit.");
    ALL.define(
        DOWNLOAD_LIMIT,
        ConfigDef.Type.LONG,
        0,
        limit(),
        MEDIUM,
        "Payload from the store in bytes per second, all reads together. 0 is no limit.");
  }

  private static void copiesAndDeletes() {
    ALL.define(
        COPY_TIMEOUT,
        ConfigDef.Type.LONG,
        3_600_000,
        Range.between(1000, 7L * 24 * 3_600_000),
        MEDIUM,
        "How long the copy of one segment may take before it is given up, to be tried again.");
    ALL.define(
        COPY_INDEX_MEMORY,
        ConfigDef.Type.LONG,
        64L << 20,
        Range.between(1 << 20, 16L << 30),
        LOW,
        "Heap that the indexes of segments may take while they are copied, over all copies.");
    ALL.define(
        DELETE_PARALLELISM,
        ConfigDef.Type.INT,
        4,
        Range.between(1, 64),
        LOW,
        "Segments whose objects are removed at the same time, in the background.");
    ALL.define(
        DELETE_MAX_PENDING,
        ConfigDef.Type.INT,
        1_000_000,
        Range.between(1000, 10_000_000),
        LOW,
        "Segments whose removal may be outstanding; deletes beyond that fail. Each takes about 400"
            + " bytes of heap.");
    ALL.define(
        DELETE_RETRY_PAUSE,
        ConfigDef.Type.LONG,
        1000,
        Range.between(10, 3_600_000),
        LOW,
        "How long to wait after a removal failed; up to 64 times that while they go on failing.");
  }

  private static void fetches() {
    ALL.define(
        FETCH_CACHE_SIZE,
        ConfigDef.Type.LONG,
        1L << 30,
        Range.between(64L << 20, 1L << 50),
        HIGH,
        "What fetched pieces of remote segments may take of the broker's disk, below data.dir. They"
            + " survive restarts.");
    ALL.define(
        FETCH_READ_AHEAD,
        ConfigDef.Type.LONG,
        128L << 20,
        readAhead(),
        MEDIUM,
        "What may be fetched before it is asked for, over all consumers; on disk. 0 is none.");
    ALL.define(
        FETCH_PARALLELISM,
        ConfigDef.Type.INT,
        16,
        Range.between(1, 256),
        MEDIUM,
        "Requests to the store at the same time, over all fetches.");
    ALL.define(
        FETCH_TIMEOUT,
        ConfigDef.Type.LONG,
        60_000,
        Range.between(100, 3_600_000),
        LOW,
        "How long a fetch waits for the store. The broker gives up sooner, after"
            + " remote.fetch.max.wait.ms; what was begun goes on and serves its next try.");
  }

  private static boolean isPrefix(String text) {
    try {
      SegmentLayout.requirePrefix(text);
      return !text.isEmpty(); // Never the whole of a bucket that others may use too.
    } catch (IllegalArgumentException e) {
      return false; // The caller says what is expected instead.
    }
  }

  private static boolean isEndpoint(String text) {
    try {
      URI uri = URI.create(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return text.isEmpty()
          || (http
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null);
    } catch (IllegalArgumentException e) {
      return false; // The caller says what is expected instead.
    }
  }

  static Validator matching(String expected, Predicate<String> acceptable) {
    return validator(expected, value -> acceptable.test(String.valueOf(value)));
  }

  private static Validator readAhead() {
    return validator(
        "0, or at least " + RemoteIndexes.CHUNK_BYTES,
        value -> value instanceof Long bytes && (bytes == 0 || bytes >= RemoteIndexes.CHUNK_BYTES));
  }

  private static Validator limit() {
    return validator(
        "0 for no limit, or at least " + RateLimits.MIN_BYTES_PER_SECOND,
        value -> value instanceof Long rate && RateLimits.isValid(rate));
  }

  /** Its text is what the documentation says of valid values. */
  private static Validator validator(String expected, Predicate<Object> acceptable) {
    return new Validator() {
      @Override
      public void ensureValid(String name, Object value) {
        if (value == null || !acceptable.test(value)) {
          throw new ConfigException(name, withoutUser(value), "expected " + expected);
        }
      }

      @Override
      public String toString() {
        return expected;
      }
    };
  }

  /** User information in a URL is a secret that was written to the wrong place. */
  private static String withoutUser(Object value) {
    return String.valueOf(value).replaceAll("//[^/@]*@", "//***@");
  }
}
