package io.takhin.kafka;

import io.takhin.kafka.copy.CopyTimeoutException;
import io.takhin.tiered.read.ReadRefusedException;
import io.takhin.tiered.read.ReadTimeoutException;
import io.takhin.tiered.store.StoreException;
import java.io.InterruptedIOException;
import java.lang.reflect.Constructor;
import java.util.Optional;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;

/**
 * Turns whatever went wrong into what Kafka expects. Everything: an {@link Error} that reached it
 * would end the tiering of the partition in silence.
 */
final class KafkaErrors {
  private static final String RETRIABLE =
      "org.apache.kafka.server.log.remote.storage.RetriableRemoteStorageException";

  /** Since Kafka 4.2. Earlier releases try again after any failure. */
  private static final Optional<Constructor<? extends RemoteStorageException>> NEW_RETRIABLE =
      newRetriable();

  private KafkaErrors() {}

  private static Optional<Constructor<? extends RemoteStorageException>> newRetriable() {
    try {
      return Optional.of(
          Class.forName(RETRIABLE, true, RemoteStorageException.class.getClassLoader())
              .asSubclass(RemoteStorageException.class)
              .getConstructor(String.class, Throwable.class));
    } catch (ReflectiveOperationException e) {
      return Optional.empty(); // An earlier release, which knows only the general one.
    }
  }

  /** What the broker asked for. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws Exception;
  }

  /**
   * Runs a call of the broker's.
   *
   * @param what for messages, such as {@code copy}
   * @throws RemoteStorageException whatever went wrong; one that the call throws itself passes
   */
  static <T> T guard(String what, Object segment, Call<T> call) throws RemoteStorageException {
    try {
      return call.run();
    } catch (RemoteStorageException e) {
      throw e;
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      String message = what + " failed: segment=" + segment + " problem=" + e;
      throw isTransient(e) ? transientFailure(message, e) : new RemoteStorageException(message, e);
    }
  }

  /** Whether the same call may well succeed later, with nothing changed by anybody. */
  private static boolean isTransient(Throwable failure) {
    return failure instanceof StoreException.Unavailable
        || failure instanceof CopyTimeoutException
        || failure instanceof ReadTimeoutException
        || failure instanceof ReadRefusedException
        || failure instanceof InterruptedIOException;
  }

  private static RemoteStorageException transientFailure(String message, Throwable cause) {
    if (NEW_RETRIABLE.isPresent()) {
      try {
        return NEW_RETRIABLE.get().newInstance(message, cause);
      } catch (ReflectiveOperationException e) {
        cause.addSuppressed(e);
      }
    }
    return new RemoteStorageException(message, cause);
  }
}
