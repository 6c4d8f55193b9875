package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What reaches the broker when something went wrong. */
class KafkaErrorsTest {
  @Test
  void anErrorIsWrappedToo() {
    OutOfMemoryError error = new OutOfMemoryError("of a test");

    assertThatThrownBy(() -> fail("copy", error))
        .isInstanceOf(RemoteStorageException.class)
        .hasMessage("copy failed: segment=s-1 problem=" + error)
        .hasCause(error);
  }

  @Test
  void whatIsMeantForTheBrokerPasses() {
    RemoteResourceNotFoundException gone = new RemoteResourceNotFoundException("gone");

    assertThatThrownBy(() -> fail("fetch", gone)).isSameAs(gone);
  }

  @Test
  void anInterruptIsKept() {
    try {
      assertThatThrownBy(() -> fail("copy", new InterruptedException()))
          .isInstanceOf(RemoteStorageException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /** The same class files, once with the API of a release that knows retriable failures. */
  @ParameterizedTest
  @CsvSource({
    "3.9.2, RemoteStorageException",
    "4.1.2, RemoteStorageException",
    "4.2.1, RetriableRemoteStorageException",
    "4.4.0, RetriableRemoteStorageException"
  })
  void whatMayPassIsCalledRetriableWhereTheReleaseKnowsTheWord(String release, String expected)
      throws Exception {
    try (URLClassLoader plugin = plugin(release)) {
      assertThat(thrownBy(plugin, new StoreException.Unavailable("down", null)))
          .isEqualTo(expected);
      assertThat(thrownBy(plugin, new StoreException.Rejected("no", null)))
          .isEqualTo("RemoteStorageException");
    }
  }

  private static void fail(String what, Throwable failure) throws RemoteStorageException {
    Object unused =
        KafkaErrors.guard(
            what,
            "s-1",
            () -> {
              if (failure instanceof Error error) {
                throw error;
              }
              throw (Exception) failure;
            });
  }

  private static String thrownBy(ClassLoader plugin, Exception failure) throws Exception {
    Class<?> call = plugin.loadClass(KafkaErrors.Call.class.getName());
    Object failing =
        Proxy.newProxyInstance(
            plugin,
            new Class<?>[] {call},
            (proxy, method, arguments) -> {
              throw failure;
            });
    Method guard =
        plugin
            .loadClass(KafkaErrors.class.getName())
            .getDeclaredMethod("guard", String.class, Object.class, call);
    guard.setAccessible(true);
    try {
      Object unused = guard.invoke(null, "copy", "s-1", failing);
      return "nothing";
    } catch (InvocationTargetException e) {
      return e.getCause() == null ? "nothing" : e.getCause().getClass().getSimpleName();
    }
  }

  private static URLClassLoader plugin(String release) throws Exception {
    Path api = Path.of(System.getProperty("takhin.kafka.api.dir"));
    URL[] urls = {
      KafkaErrors.class.getProtectionDomain().getCodeSource().getLocation(),
      api.resolve("kafka-clients-" + release + ".jar").toUri().toURL(),
      api.resolve("kafka-storage-api-" + release + ".jar").toUri().toURL()
    };
    ClassLoader ours = KafkaErrorsTest.class.getClassLoader();
    ClassLoader others =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("org.apache.kafka.") || name.startsWith("io.takhin.kafka.")) {
              throw new ClassNotFoundException(name);
            }
            return Class.forName(name, false, ours);
          }
        };
    return new URLClassLoader(urls, others);
  }
}
