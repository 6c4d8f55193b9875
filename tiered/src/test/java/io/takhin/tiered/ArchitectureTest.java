package io.takhin.tiered;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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

/**
 * The table of packages, proved: who may import whom. A package that is not in the table fails too,
 * so that a new one has to be given its place first.
 */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "io.takhin.tiered";

  /** Package → what of ours it may import besides itself; the root may import everything. */
  private static final Map<String, List<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("segment", List.of()),
          Map.entry("store", List.of()),
          Map.entry("store.s3", List.of("store")),
          Map.entry("store.file", List.of("store")),
          Map.entry("store.memory", List.of("store")),
          Map.entry("store.metered", List.of("store")),
          Map.entry("store.throttled", List.of("store")),
          Map.entry("store.guarded", List.of("store")),
          Map.entry("disk", List.of()),
          Map.entry("catalog", List.of("segment", "store")),
          Map.entry("policy", List.of("segment", "catalog")),
          Map.entry("transfer", List.of("segment", "store")),
          Map.entry(
              "transfer.bucket",
              List.of("segment", "store", "store.metered", "store.throttled", "transfer")),
          Map.entry("archive", List.of("segment", "store", "catalog", "policy", "transfer")),
          Map.entry("read", List.of("segment", "store", "catalog", "transfer")),
          Map.entry("verify", List.of("segment", "store", "catalog", "transfer", "archive")),
          Map.entry("rebuild", List.of("segment", "store", "catalog", "archive")));

  /** What the catalog may know of the store: names and proofs, but nothing that can be called. */
  private static final List<String> STORE_VALUES = List.of("ObjectKey", "Crc32c");

  @ArchTest
  static void eachPackageImportsWhatTheTableAllows(JavaClasses classes) {
    MAY_IMPORT.forEach(
        (name, others) -> {
          List<String> allowed = new ArrayList<>();
          allowed.add(packageOf(name));
          others.forEach(other -> allowed.add(packageOf(other)));
          ArchRule rule =
              noClasses()
                  .that()
                  .resideInAPackage(packageOf(name))
                  .should()
                  .dependOnClassesThat(ours().and(isNotIn(allowed)))
                  .as(name + " may import of ours only " + others)
                  .allowEmptyShould(true);
          rule.check(classes);
        });
  }

  @ArchTest
  static void everyPackageIsInTheTableAndNullMarked(JavaClasses classes) {
    for (JavaPackage found : classes.getPackage(ROOT).getSubpackagesInTree()) {
      if (found.getClasses().isEmpty()) {
        continue;
      }
      String name = found.getName().substring(ROOT.length() + 1);
      assertThat(MAY_IMPORT).as("package " + name + " has no row in the table").containsKey(name);
      assertThat(found.isAnnotatedWith(NullMarked.class))
          .as("package " + name + " has a package-info with @NullMarked")
          .isTrue();
    }
  }

  @ArchTest
  static final ArchRule THE_CATALOG_KNOWS_ONLY_VALUES_OF_THE_STORE =
      noClasses()
          .that()
          .resideInAPackage(packageOf("catalog"))
          .should()
          .dependOnClassesThat(
              resideInAPackage(packageOf("store"))
                  .and(
                      DescribedPredicate.describe(
                          "are not " + STORE_VALUES,
                          type -> !STORE_VALUES.contains(type.getSimpleName()))));

  @ArchTest
  static final ArchRule ARCHIVE_DOES_NOT_SEE_READ =
      noClasses()
          .that()
          .resideInAPackage(packageOf("archive"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(packageOf("read"))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule READ_DOES_NOT_SEE_ARCHIVE =
      noClasses()
          .that()
          .resideInAPackage(packageOf("read"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(packageOf("archive"))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule ONLY_THE_S3_ADAPTER_SEES_THE_AWS_SDK =
      noClasses()
          .that()
          .resideOutsideOfPackage(packageOf("store.s3"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("software.amazon.awssdk..");

  @ArchTest
  static final ArchRule ONLY_THE_ROOT_WIRES =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".(*)..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT);

  @ArchTest
  static final ArchRule ONLY_THE_CATALOG_SEES_SQL =
      noClasses()
          .that()
          .resideOutsideOfPackage(packageOf("catalog"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.sqlite..");

  /** An exception may pass through; a file, a stream or a socket may not. */
  @ArchTest
  static final ArchRule POLICY_DOES_NO_IO =
      noClasses()
          .that()
          .resideInAPackage(packageOf("policy"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.sql..")
                  .and(
                      DescribedPredicate.describe(
                          "are not exceptions", type -> !type.isAssignableTo(Throwable.class))));

  @ArchTest
  static final ArchRule DECISIONS_READ_NO_CLOCK =
      noClasses()
          .that()
          .haveSimpleNameStartingWith("TierPolicy")
          .or()
          .haveSimpleNameStartingWith("Decision")
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe(
                  "tell the time",
                  type ->
                      List.of("java.time.Clock", "java.time.Instant", "java.lang.System")
                          .contains(type.getName())));

  /** Time is given: whoever needs it has a clock. A store may have its own, as a server has. */
  @ArchTest
  static final ArchRule NOBODY_READS_THE_SYSTEM_CLOCK =
      noClasses()
          .that()
          .resideOutsideOfPackage(packageOf("store") + "..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.time.Clock.class, "systemUTC");

  @ArchTest
  static final ArchRule NO_CUPBOARD_PACKAGES =
      classes()
          .should()
          .resideOutsideOfPackages("..util..", "..common..", "..impl..", "..helper..");

  private static String packageOf(String name) {
    return ROOT + "." + name;
  }

  private static DescribedPredicate<JavaClass> ours() {
    return resideInAPackage("io.takhin..");
  }

  private static DescribedPredicate<JavaClass> isNotIn(List<String> packages) {
    return DescribedPredicate.describe(
        "are outside of " + packages, type -> !packages.contains(type.getPackageName()));
  }
}
