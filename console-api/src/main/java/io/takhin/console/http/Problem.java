package io.takhin.console.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * An RFC 9457 problem, the body of every answer that is not a success. All text is shortened and
 * without control characters, because part of it came from the caller.
 *
 * @param type URI of the {@link ProblemKind}
 * @param instance path of the request that failed
 * @param segmentPath the segment it is about, as the caller wrote it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    @Nullable String segmentPath) {
  /** The media type of RFC 9457. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final int MAX_DETAIL_CHARS = 1_000;
  private static final int MAX_QUOTED_CHARS = 200;

  /** A problem of the given kind, with its texts made fit for an answer. */
  public static Problem of(
      ProblemKind kind, String detail, String instance, @Nullable String segmentPath) {
    return new Problem(
        kind.type(),
        kind.title(),
        kind.status(),
        printable(detail, MAX_DETAIL_CHARS),
        printable(instance, MAX_QUOTED_CHARS),
        segmentPath == null ? null : printable(segmentPath, MAX_QUOTED_CHARS));
  }

  /** The start of a text that came from outside, between quotes. */
  public static String quote(String text) {
    return "'" + printable(text, MAX_QUOTED_CHARS) + "'";
  }

  private static String printable(String text, int maxChars) {
    String start = text.substring(0, Math.min(text.length(), maxChars));
    String clean = start.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?");
    return text.length() > maxChars ? clean + "… (" + text.length() + " characters)" : clean;
  }
}
