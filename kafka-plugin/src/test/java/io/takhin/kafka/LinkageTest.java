package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.FieldAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One jar for all releases: whatever the plugin's classes use of Kafka, and of the zstd-jni that it
 * brings, is there, with the same types, in each of them, and the plugin has every method that a
 * release asks of it.
 */
class LinkageTest {
  private static final String KAFKA = "org.apache.kafka.";
  private static final String ZSTD = "com.github.luben.zstd.";

  /** Release → the zstd-jni that it brings. */
  private static final Map<String, String> ZSTD_OF =
      Map.of(
          "3.9.2", "1.5.6-4",
          "4.0.2", "1.5.6-6",
          "4.1.2", "1.5.6-10",
          "4.2.1", "1.5.6-10",
          "4.3.1", "1.5.6-10",
          "4.4.0", "1.5.7-17");

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.takhin.kafka");

  @ParameterizedTest
  @ValueSource(strings = {"3.9.2", "4.0.2", "4.1.2", "4.2.1", "4.3.1", "4.4.0"})
  void linksWith(String release) throws IOException {
    try (URLClassLoader kafka = api(release)) {
      List<String> missing = new ArrayList<>();
      Set<String> used = new TreeSet<>();
      for (JavaClass ours : OURS) {
        for (Dependency dependency : ours.getDirectDependenciesFromSelf()) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          if (isBrokers(target.getName())) {
            used.add(target.getName());
          }
        }
        for (JavaAccess<?> access : ours.getAccessesFromSelf()) {
          if (isBrokers(access.getTargetOwner().getName()) && !isThere(kafka, access)) {
            missing.add(access.getDescription());
          }
        }
      }
      used.stream().filter(name -> load(kafka, name) == null).forEach(missing::add);

      assertThat(used).as("types of the broker's that are used").hasSizeGreaterThan(8);
      assertThat(used).contains(ZSTD + "ZstdCompressCtx", ZSTD + "ZstdDecompressCtx");
      assertThat(missing).as("missing in " + release).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.9.2", "4.0.2", "4.1.2", "4.2.1", "4.3.1", "4.4.0"})
  void hasEveryMethodThatIsAskedFor(String release) throws IOException {
    try (URLClassLoader kafka = api(release)) {
      Class<?> asked = Objects.requireNonNull(load(kafka, RemoteStorageManager.class.getName()));
      Set<String> ours = new TreeSet<>();
      for (Method method : TakhinRemoteStorageManager.class.getMethods()) {
        ours.add(signature(method));
      }
      for (Method method : asked.getMethods()) {
        if (Modifier.isAbstract(method.getModifiers())) {
          assertThat(ours).as(release).contains(signature(method));
        }
      }
    }
  }

  private static boolean isBrokers(String type) {
    return type.startsWith(KAFKA) || type.startsWith(ZSTD);
  }

  private static String signature(Method method) {
    return method.getReturnType().getName()
        + " "
        + method.getName()
        + Arrays.stream(method.getParameterTypes()).map(Class::getName).toList();
  }

  private static boolean isThere(ClassLoader kafka, JavaAccess<?> access) {
    Class<?> owner = load(kafka, access.getTargetOwner().getName());
    if (owner == null) {
      return false;
    }
    if (access.getTarget() instanceof FieldAccessTarget field) {
      return Arrays.stream(owner.getFields())
          .anyMatch(
              found ->
                  found.getName().equals(field.getName())
                      && found.getType().getName().equals(field.getRawType().getName()));
    }
    CodeUnitAccessTarget call = (CodeUnitAccessTarget) access.getTarget();
    List<String> parameters = call.getRawParameterTypes().stream().map(JavaClass::getName).toList();
    return codeUnits(owner, call.getName()).stream()
        .anyMatch(
            found ->
                Arrays.stream(found.getParameterTypes())
                        .map(Class::getName)
                        .toList()
                        .equals(parameters)
                    && (!(found instanceof Method method)
                        || method
                            .getReturnType()
                            .getName()
                            .equals(call.getRawReturnType().getName())));
  }

  private static List<Executable> codeUnits(Class<?> owner, String name) {
    List<Executable> found = new ArrayList<>();
    if (name.equals("<init>")) {
      found.addAll(List.of(owner.getConstructors()));
      return found;
    }
    List<Method> methods = new ArrayList<>(List.of(owner.getMethods()));
    methods.addAll(List.of(Object.class.getMethods()));
    methods.stream().filter(method -> method.getName().equals(name)).forEach(found::add);
    return found;
  }

  private static @Nullable Class<?> load(ClassLoader kafka, String name) {
    try {
      return Class.forName(name, false, kafka);
    } catch (ClassNotFoundException e) {
      return null; // The test says which.
    }
  }

  private static URLClassLoader api(String release) throws IOException {
    Path directory = Path.of(System.getProperty("takhin.kafka.api.dir"));
    URL clients = directory.resolve("kafka-clients-" + release + ".jar").toUri().toURL();
    URL storage = directory.resolve("kafka-storage-api-" + release + ".jar").toUri().toURL();
    URL zstd = directory.resolve("zstd-jni-" + ZSTD_OF.get(release) + ".jar").toUri().toURL();
    return new URLClassLoader(
        new URL[] {clients, storage, zstd}, ClassLoader.getPlatformClassLoader());
  }
}
