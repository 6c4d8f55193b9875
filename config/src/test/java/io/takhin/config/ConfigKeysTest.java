package io.takhin.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfigKeysTest {

  private static final List<String> NAMES =
      ConfigKeys.all().stream().flatMap(ConfigKey::names).toList();

  @Test
  void namesAreDottedLowerCaseAndUnique() {
    assertThat(NAMES).isNotEmpty().doesNotHaveDuplicates().allMatch(ConfigKeysTest::isDotted);
  }

  private static boolean isDotted(String name) {
    return name.matches("[a-z][a-z0-9]*(\\.[a-z0-9]+)+");
  }

  @Test
  void noKeyIsTheSectionOfAnother() {
    assertThat(NAMES).noneMatch(KeyNames::isSection);
  }

  @Test
  void everyNameHasItsOwnVariable() {
    assertThat(NAMES).extracting(ConfigKey::environmentName).doesNotHaveDuplicates();
    assertThat(TieredKeys.TIERED_COLD_AGE_HOURS.environmentName())
        .isEqualTo("TAKHIN_STORAGE_TIERED_COLD_AGE_HOURS");
  }

  @Test
  void descriptionsAreSentences() {
    assertThat(ConfigKeys.all())
        .extracting(ConfigKey::description)
        .allMatch(text -> text.endsWith(".") && Character.isUpperCase(text.charAt(0)));
  }

  @Test
  void distanceCountsInsertionsDeletionsReplacementsAndSwaps() {
    assertThat(KeyNames.distance("", "port")).isEqualTo(4);
    assertThat(KeyNames.distance("prot", "port")).isEqualTo(1);
    assertThat(KeyNames.distance("sport", "port")).isEqualTo(1);
    assertThat(KeyNames.distance("pont", "port")).isEqualTo(1);
    assertThat(KeyNames.distance("port", "port")).isZero();
    assertThat(KeyNames.distance("kitten", "sitting")).isEqualTo(3);
  }
}
