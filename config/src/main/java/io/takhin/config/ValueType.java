package io.takhin.config;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a key accepts. A value is its text, wherever it was written: quoted or plain in YAML, in the
 * environment, or in an override given by code, so one parser serves all of them.
 *
 * @param accepts completes the sentence "expected …"
 * @param parser gives the typed value, or nothing when the text is not acceptable
 */
record ValueType<T>(String accepts, Function<String, Optional<T>> parser) {

  static final long BYTES_PER_MEBIBYTE = 1L << 20;

  /** No exponent and a bounded length, so that a short text cannot describe a huge number. */
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?");

  /** No leading zero: YAML 1.1 would read 010 as eight, and most people as ten. */
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");

  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f.]{0,15}){2,7}");

  private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private static final Pattern BUCKET =
      Pattern.compile("[a-z0-9]([a-z0-9-]|\\.(?!\\.)){1,61}[a-z0-9]");
  private static final Pattern KMS_KEY = Pattern.compile("[A-Za-z0-9:/_-]{1,2048}");
  private static final Pattern IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
  private static final List<String> RESERVED_BUCKET_STARTS =
      List.of("xn--", "sthree-", "amzn-s3-demo-");
  private static final List<String> RESERVED_BUCKET_ENDS =
      List.of("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3");

  /** The characters that S3 calls safe in object keys. */
  private static final Pattern PREFIX_FOLDER = Pattern.compile("[A-Za-z0-9!_.*'()-]+");

  /** Leaves room below the 1,024 bytes of an object key for topic, partition and file name. */
  private static final int MAX_PREFIX_LENGTH = 512;

  Optional<T> parse(String text) {
    return parser.apply(text);
  }

  /** Lets an empty text through as well, and tells what it then means. */
  ValueType<Optional<T>> orEmpty(String meaning) {
    return new ValueType<>(
        accepts + ", or empty (" + meaning + ")",
        text -> {
          Optional<T> value = text.isEmpty() ? Optional.empty() : parse(text);
          return text.isEmpty() || value.isPresent() ? Optional.of(value) : Optional.empty();
        });
  }

  static ValueType<Boolean> bool() {
    return new ValueType<>(
        "true or false",
        text ->
            switch (text) {
              case "true" -> Optional.of(true);
              case "false" -> Optional.of(false);
              default -> Optional.empty();
            });
  }

  /** The constants of {@code type}, written in lower case. */
  static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
    Map<String, E> choices =
        Arrays.stream(type.getEnumConstants())
            .collect(toMap(choice -> choice.name().toLowerCase(Locale.ROOT), choice -> choice));
    return new ValueType<>(
        "one of " + String.join(", ", new TreeSet<>(choices.keySet())),
        text -> Optional.ofNullable(choices.get(text)));
  }

  static ValueType<Integer> port() {
    return integer("a port", 0, 65_535);
  }

  static ValueType<Integer> count(int min, int max) {
    return integer("a whole number", min, max);
  }

  private static ValueType<Integer> integer(String noun, int min, int max) {
    return whole(noun, min, max, Math::toIntExact);
  }

  static ValueType<Long> bytes(long min, long max) {
    return whole("a number of bytes", min, max, Long::valueOf);
  }

  /** Written in MiB (1,048,576 bytes), given in bytes. */
  static ValueType<Long> mebibytes(long min, long max) {
    return whole("a number of MiB", min, max, value -> value * BYTES_PER_MEBIBYTE);
  }

  /**
   * Written in MiB per second, given in bytes per second. So little that a part would take hours is
   * more likely a mistake in the unit than meant.
   */
  static ValueType<Long> mebibytesPerSecond() {
    BigDecimal lowest = new BigDecimal("0.001");
    BigDecimal highest = new BigDecimal("1048576");
    return new ValueType<>(
        "0, or MiB per second from %s to %s, decimals allowed".formatted(lowest, highest),
        text -> {
          if (!DECIMAL.matcher(text).matches()) {
            return Optional.empty();
          }
          BigDecimal value = new BigDecimal(text);
          boolean none = value.signum() == 0;
          if (!none && (value.compareTo(lowest) < 0 || value.compareTo(highest) > 0)) {
            return Optional.empty();
          }
          BigDecimal bytes = value.multiply(BigDecimal.valueOf(BYTES_PER_MEBIBYTE));
          return Optional.of(bytes.setScale(0, RoundingMode.HALF_UP).longValueExact());
        });
  }

  private static <N> ValueType<N> whole(
      String noun, long min, long max, Function<Long, N> conversion) {
    return new ValueType<>(
        "%s from %d to %d".formatted(noun, min, max),
        text -> {
          if (!INTEGER.matcher(text).matches()) {
            return Optional.empty();
          }
          long value = Long.parseLong(text);
          return value < min || value > max
              ? Optional.empty()
              : Optional.of(conversion.apply(value));
        });
  }

  /** Decimals of {@code unit}, to the nanosecond. */
  static ValueType<Duration> duration(TimeUnit unit, String min, String max) {
    BigDecimal lowest = new BigDecimal(min);
    BigDecimal highest = new BigDecimal(max);
    return new ValueType<>(
        "%s from %s to %s, decimals allowed"
            .formatted(unit.name().toLowerCase(Locale.ROOT), min, max),
        text -> {
          if (!DECIMAL.matcher(text).matches()) {
            return Optional.empty();
          }
          BigDecimal value = new BigDecimal(text);
          if (value.compareTo(lowest) < 0 || value.compareTo(highest) > 0) {
            return Optional.empty();
          }
          BigDecimal nanos = value.multiply(BigDecimal.valueOf(unit.toNanos(1)));
          return Optional.of(
              Duration.ofNanos(nanos.setScale(0, RoundingMode.HALF_UP).longValueExact()));
        });
  }

  /** Decimals of {@code unit}, or -1 for no limit, which is empty. */
  static ValueType<Optional<Duration>> durationOrForEver(TimeUnit unit, String max) {
    ValueType<Duration> limited = duration(unit, "0", max);
    return new ValueType<>(
        "-1 (for ever), or " + limited.accepts(),
        text -> {
          if (text.equals("-1")) {
            return Optional.of(Optional.empty());
          }
          Optional<Duration> value = limited.parse(text);
          return value.isPresent() ? Optional.of(value) : Optional.empty();
        });
  }

  /** Refuses a leading tilde: only shells expand it, and a folder of that name would surprise. */
  static ValueType<Path> folder() {
    return new ValueType<>(
        "a folder, absolute or relative to the working directory, without ~",
        text -> {
          if (text.isBlank() || text.startsWith("~")) {
            return Optional.empty();
          }
          try {
            return Optional.of(Path.of(text));
          } catch (InvalidPathException e) {
            // The problem report quotes the text and says what a folder looks like.
            return Optional.empty();
          }
        });
  }

  static ValueType<String> host() {
    return matching(
        "a host name or IP address without scheme and port",
        text -> HOST_NAME.matcher(text).matches() || IPV6.matcher(text).matches());
  }

  static ValueType<String> region() {
    return matching(
        "a region of lower-case letters, digits and hyphens such as us-east-1",
        text -> REGION.matcher(text).matches());
  }

  /**
   * The naming rules of general purpose buckets in the S3 User Guide.
   *
   * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html">
   *     Bucket naming rules</a>
   */
  static ValueType<String> bucket() {
    return matching(
        "an S3 bucket name: 3 to 63 lower-case letters, digits, hyphens and single dots, starting"
            + " and ending with a letter or digit, not an IP address, and without the start "
            + String.join(", ", RESERVED_BUCKET_STARTS)
            + " or the end "
            + String.join(", ", RESERVED_BUCKET_ENDS),
        text ->
            BUCKET.matcher(text).matches()
                && !IPV4.matcher(text).matches()
                && RESERVED_BUCKET_STARTS.stream().noneMatch(text::startsWith)
                && RESERVED_BUCKET_ENDS.stream().noneMatch(text::endsWith));
  }

  /** Not empty: the sweep for orphans must never look at a whole bucket it may share. */
  static ValueType<String> keyPrefix() {
    return matching(
        "folders separated by single slashes, without a slash at either end, of letters, digits"
            + " and !_.*'()-, at most "
            + MAX_PREFIX_LENGTH
            + " characters",
        text ->
            text.length() <= MAX_PREFIX_LENGTH
                && Arrays.stream(text.split("/", -1)).allMatch(ValueType::isPrefixFolder));
  }

  private static boolean isPrefixFolder(String folder) {
    return PREFIX_FOLDER.matcher(folder).matches() && !folder.equals(".") && !folder.equals("..");
  }

  /** User information in the URL is refused: credentials have no place in a configuration. */
  static ValueType<String> s3Endpoint() {
    return matching(
        "an http or https URL of host and port only, \"embedded\", or empty (AWS)",
        text -> text.isEmpty() || text.equals(S3Endpoint.Embedded.WORD) || isBareUrl(text));
  }

  private static boolean isBareUrl(String text) {
    try {
      URI uri = new URI(text);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getPort() <= 65_535;
    } catch (URISyntaxException e) {
      // The problem report quotes the text and says what is expected instead.
      return false;
    }
  }

  /** Named as Amazon does. */
  static ValueType<StorageClass> storageClass() {
    Map<String, StorageClass> classes =
        Arrays.stream(StorageClass.values()).collect(toMap(Enum::name, found -> found));
    return new ValueType<>(
        "a storage class that can be read at once: "
            + Arrays.stream(StorageClass.values()).map(Enum::name).collect(joining(", ")),
        text -> Optional.ofNullable(classes.get(text)));
  }

  static ValueType<String> kmsKey() {
    return matching("the id, ARN or alias of a KMS key", text -> KMS_KEY.matcher(text).matches());
  }

  private static ValueType<String> matching(String accepts, Predicate<String> acceptable) {
    return new ValueType<>(accepts, text -> Optional.of(text).filter(acceptable));
  }
}
