package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeyFilterTest {

  @ParameterizedTest
  @CsvSource({
    "*.log, a.log, true",
    "*.log, deep/er/a.log, true",
    "*.log, a.log.gz, false",
    "a/*.log, a/b.log, true",
    "a/*.log, a/b/c.log, false",
    "a/**.log, a/b/c.log, true",
    "a/**, a/b/c.log, true",
    "a/**, b/a/c.log, false",
    "**/c.log, a/b/c.log, true",
    "a?c, abc, true",
    "a?c, ac, false",
    "a/?/c, a/b/c, true",
    "a.c, abc, false",
    "(a), (a), true",
    "'[ab]', a, false",
  })
  void aPatternMatchesTheLastElementOrTheWholeKey(String pattern, String key, boolean matches) {
    assertThat(new KeyFilter(List.of(pattern), List.of()).matcher().takes(key)).isEqualTo(matches);
    assertThat(new KeyFilter(List.of(), List.of(pattern)).matcher().takes(key)).isEqualTo(!matches);
  }

  @Test
  void anExcludedObjectIsLeftOutThoughItIsIncluded() {
    KeyFilter.Matcher matcher =
        new KeyFilter(List.of("*.log", "*.index"), List.of("tmp/**")).matcher();

    assertThat(matcher.takes("a/0.log")).isTrue();
    assertThat(matcher.takes("a/0.index")).isTrue();
    assertThat(matcher.takes("a/0.snapshot")).isFalse();
    assertThat(matcher.takes("tmp/0.log")).isFalse();
  }

  @Test
  void withoutPatternsEverythingIsTaken() {
    assertThat(KeyFilter.ALL.matcher().takes("any/thing")).isTrue();
  }

  @Test
  void anEmptyPatternIsRefused() {
    assertThatThrownBy(() -> new KeyFilter(List.of(" "), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
