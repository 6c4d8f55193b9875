package io.takhin.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = {
      "io.takhin.broker.tiering",
      "io.takhin.broker.net",
      "io.takhin.broker.log",
      "io.takhin.broker.group",
      "io.takhin.broker.api"
    },
    importOptions = DoNotIncludeTests.class)
class LayersTest {
  private static final String[] KAFKAS_INSIDE = {
    "org.apache.kafka.storage..",
    "org.apache.kafka.server..",
    "org.apache.kafka.coordinator..",
    "org.apache.kafka.image.."
  };

  @ArchTest
  static final ArchRule THE_PORT_KNOWS_NOBODY =
      noClasses()
          .that()
          .resideInAPackage("..tiering")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..broker.log", "..broker.net", "..broker.api", "..broker.group");

  @ArchTest
  static final ArchRule THE_NETWORK_KNOWS_NOBODY =
      noClasses()
          .that()
          .resideInAPackage("..net")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..broker.log", "..tiering", "..broker.api", "..broker.group");

  @ArchTest
  static final ArchRule NEITHER_SEES_KAFKAS_INSIDE =
      noClasses()
          .that()
          .resideInAnyPackage("..broker.tiering", "..broker.net")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(KAFKAS_INSIDE);

  @ArchTest
  static final ArchRule LOGS_KNOW_ONLY_THE_PORT =
      noClasses()
          .that()
          .resideInAPackage("..broker.log")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..broker.net", "..broker.api", "..broker.group");

  @ArchTest
  static final ArchRule GROUPS_KNOW_ONLY_LOGS =
      noClasses()
          .that()
          .resideInAPackage("..broker.group")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..broker.net", "..broker.api", "..tiering");
}
