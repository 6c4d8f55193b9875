package io.takhin.tiered.transfer.bucket;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which objects a transfer is about, by glob patterns on the key below the source's prefix.
 *
 * <p>{@code *} stands for any characters within an element, {@code **} for any across elements, and
 * {@code ?} for one character other than a slash. A pattern without a slash is matched against the
 * last element, wherever it stands; one with a slash against the whole.
 *
 * @param includes an object has to match one of them; none means all
 * @param excludes an object that matches one of them is left out, included or not
 */
public record KeyFilter(List<String> includes, List<String> excludes) {
  /** Every object. */
  public static final KeyFilter ALL = new KeyFilter(List.of(), List.of());

  private static final int MAX_PATTERNS = 1000;

  public KeyFilter {
    includes = List.copyOf(includes);
    excludes = List.copyOf(excludes);
    if (includes.size() + excludes.size() > MAX_PATTERNS) {
      throw new IllegalArgumentException(
          "too many patterns: expected at most "
              + MAX_PATTERNS
              + ", got "
              + (includes.size() + excludes.size()));
    }
    for (List<String> patterns : List.of(includes, excludes)) {
      if (patterns.stream().anyMatch(String::isBlank)) {
        throw new IllegalArgumentException("an empty pattern matches nothing: got " + patterns);
      }
    }
  }

  /** The patterns made ready; made once for a run. */
  Matcher matcher() {
    return new Matcher(
        includes.stream().map(Glob::of).toList(), excludes.stream().map(Glob::of).toList());
  }

  /** Answers for one key at a time, from any thread. */
  record Matcher(List<Glob> includes, List<Glob> excludes) {
    boolean takes(String relativeKey) {
      boolean included =
          includes.isEmpty() || includes.stream().anyMatch(glob -> glob.matches(relativeKey));
      return included && excludes.stream().noneMatch(glob -> glob.matches(relativeKey));
    }
  }

  /**
   * @param whole whether the whole key is matched, or its last element only
   */
  private record Glob(Pattern pattern, boolean whole) {
    static Glob of(String text) {
      StringBuilder regex = new StringBuilder();
      for (int index = 0; index < text.length(); index++) {
        char next = text.charAt(index);
        if (next == '*' && text.startsWith("**", index)) {
          regex.append(".*");
          index++;
        } else if (next == '*') {
          regex.append("[^/]*");
        } else if (next == '?') {
          regex.append("[^/]");
        } else {
          regex.append(Pattern.quote(String.valueOf(next)));
        }
      }
      return new Glob(Pattern.compile(regex.toString(), Pattern.DOTALL), text.indexOf('/') >= 0);
    }

    boolean matches(String key) {
      String subject = whole ? key : key.substring(key.lastIndexOf('/') + 1);
      return pattern.matcher(subject).matches();
    }
  }
}
