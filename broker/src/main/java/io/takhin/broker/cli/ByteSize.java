package io.takhin.broker.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 8MiB}, {@code 50MB/s} or a plain number as bytes, or bytes per second. */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SYNTAX =
      Pattern.compile("(\\d{1,15})\\s*([KMGT]i?B|B)?(/s)?", Pattern.CASE_INSENSITIVE);
  private static final Map<String, Long> UNITS =
      Map.of(
          "B", 1L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "TB", 1_000_000_000_000L,
          "KIB", 1L << 10,
          "MIB", 1L << 20,
          "GIB", 1L << 30,
          "TIB", 1L << 40);

  @Override
  public Long convert(String text) {
    Matcher size = SYNTAX.matcher(text.strip());
    if (!size.matches()) {
      throw new TypeConversionException("expected bytes such as 8MiB, got '" + text + "'");
    }
    String unit = size.group(2) == null ? "B" : size.group(2).toUpperCase(Locale.ROOT);
    try {
      return Math.multiplyExact(
          Long.parseLong(size.group(1)), UNITS.getOrDefault(unit, 1L).longValue());
    } catch (ArithmeticException e) {
      throw new TypeConversionException("more bytes than can be counted: '" + text + "'");
    }
  }
}
