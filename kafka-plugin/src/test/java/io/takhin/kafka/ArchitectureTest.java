package io.takhin.kafka;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/** Who may import whom, and what of Kafka may be used at all. */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "io.takhin.kafka";
  private static final String TIERED = "io.takhin.tiered.";

  /** Package → what of ours and of the archiver's it may import besides itself. */
  private static final Map<String, List<String>> MAY_IMPORT =
      Map.of(
          "layout", List.of("tiered.segment", "tiered.store"),
          "config",
              List.of(
                  "layout",
                  "form",
                  "tiered.store.s3",
                  "tiered.store.throttled",
                  "tiered.transfer",
                  "tiered.read"),
          "form", List.of("layout", "tiered.segment"),
          "ledger", List.of("layout", "tiered.segment", "tiered.store"),
          "delete", List.of("layout", "ledger", "tiered.store"),
          "browse", List.of("layout", "console.remote", "tiered.segment", "tiered.store"),
          "jmx", List.of(),
          "copy",
              List.of(
                  "layout", "form", "ledger", "tiered.segment", "tiered.store", "tiered.transfer"),
          "fetch",
              List.of(
                  "layout",
                  "form",
                  "tiered.read",
                  "tiered.segment",
                  "tiered.store",
                  "tiered.transfer"));

  /** Packages of Kafka's published API that are here since 3.9. */
  private static final List<String> PUBLIC_KAFKA =
      List.of(
          "org.apache.kafka.common",
          "org.apache.kafka.common.config",
          "org.apache.kafka.server.log.remote.storage");

  @ArchTest
  static void eachPackageImportsWhatTheTableAllows(JavaClasses classes) {
    MAY_IMPORT.forEach(
        (name, others) -> {
          List<String> allowed = new ArrayList<>();
          allowed.add(ROOT + "." + name);
          for (String other : others) {
            boolean isOurs = !other.startsWith("tiered.") && !other.startsWith("console.");
            allowed.add((isOurs ? ROOT : "io.takhin") + "." + other);
          }
          ArchRule rule =
              noClasses()
                  .that()
                  .resideInAPackage(ROOT + "." + name)
                  .should()
                  .dependOnClassesThat(resideInAPackage("io.takhin..").and(isNotIn(allowed)));
          rule.check(classes);
        });
  }

  @ArchTest
  static void everyPackageIsInTheTableAndNullMarked(JavaClasses classes) {
    for (JavaPackage found : classes.getPackage(ROOT).getSubpackagesInTree()) {
      assertThat(MAY_IMPORT).containsKey(found.getName().substring(ROOT.length() + 1));
      assertThat(found.isAnnotatedWith(NullMarked.class)).as(found.getName()).isTrue();
    }
  }

  @ArchTest
  static final ArchRule ONLY_KAFKAS_PUBLIC_API_IS_USED =
      noClasses()
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.kafka..").and(isNotIn(PUBLIC_KAFKA)));

  @ArchTest
  static final ArchRule ONLY_THE_ROOT_AND_CONFIG_KNOW_KAFKA =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".(*)..")
          .and()
          .resideOutsideOfPackage(ROOT + ".config")
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.kafka.."));

  /** It is the broker's, so that the less is used of it the better. */
  @ArchTest
  static final ArchRule ONLY_FORM_KNOWS_ZSTD =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".form")
          .should()
          .dependOnClassesThat(resideInAPackage("com.github.luben.."));

  /** What is left out of the distribution: the catalog's database, and HTTP clients. */
  @ArchTest
  static final ArchRule NOTHING_NEEDS_THE_CATALOG =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage(TIERED + "catalog..")
                  .or(resideInAPackage("org.sqlite.."))
                  .or(resideInAPackage("software.amazon..")));

  private static DescribedPredicate<JavaClass> isNotIn(List<String> packages) {
    return DescribedPredicate.describe(
        "are outside of " + packages, type -> !packages.contains(type.getPackageName()));
  }
}
