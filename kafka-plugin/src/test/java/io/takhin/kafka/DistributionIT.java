package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager;
import org.junit.jupiter.api.Test;

/** What users put on a broker's plugin class path. */
class DistributionIT {
  private static final long MAX_BYTES = 16 << 20;

  @Test
  void itIsOneJarThatBringsNothingOfTheBrokers() throws IOException {
    Path jar = jar();

    assertThat(Files.size(jar)).as("%s", jar).isLessThan(MAX_BYTES);
    try (JarFile file = new JarFile(jar.toFile())) {
      List<String> entries = file.stream().map(ZipEntry::getName).toList();
      assertThat(entries)
          .contains("META-INF/LICENSE", "META-INF/NOTICE")
          .noneMatch(name -> name.startsWith("org/apache/kafka/"))
          .noneMatch(name -> name.startsWith("org/slf4j/"))
          .noneMatch(name -> name.startsWith("org/sqlite/"))
          .noneMatch(name -> name.startsWith("io/netty/"))
          .noneMatch(name -> name.endsWith("module-info.class"))
          .noneMatch(name -> name.endsWith(".so") || name.endsWith(".dll"));
    }
  }

  @Test
  void itNeedsOfTheBrokerOnlyKafkasAndSlf4jsApi() throws Exception {
    ClassLoader broker =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            boolean isShared =
                name.startsWith("org.apache.kafka.") || name.startsWith("org.slf4j.");
            if (!isShared) {
              throw new ClassNotFoundException(name);
            }
            return Class.forName(name, false, DistributionIT.class.getClassLoader());
          }
        };
    try (URLClassLoader plugin = new URLClassLoader(new URL[] {jar().toUri().toURL()}, broker)) {
      Object manager =
          plugin
              .loadClass(TakhinRemoteStorageManager.class.getName())
              .getConstructor()
              .newInstance();

      assertThat(manager).isInstanceOf(RemoteStorageManager.class);
      assertThat(manager.getClass().getClassLoader()).isSameAs(plugin);
      ((RemoteStorageManager) manager).close();
    }
  }

  private static Path jar() throws IOException {
    Path directory = Path.of(System.getProperty("takhin.kafka.dist.dir"));
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> jars = files.toList();
      assertThat(jars).as("in %s", directory).hasSize(1);
      return jars.get(0);
    }
  }
}
