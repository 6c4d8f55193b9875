package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.takhin.tiered.store.StoreException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The contract's chapter on threads that are told to stop, and on a store that is closed. */
interface InterruptContract extends ContractSubject {

  @Test
  default void keepsTheInterruptOfAWriter() throws Exception {
    // When
    Throwable failure = interrupted(() -> put(key("object"), bytes(100, 40)));

    // Then
    assertThat(failure).isInstanceOf(StoreException.Unavailable.class);
  }

  @Test
  default void keepsTheInterruptOfAReader() throws Exception {
    // Given
    put(key("object"), bytes(100, 41));

    // When
    Throwable failure = interrupted(() -> read(key("object"), 0, 100));

    // Then
    assertThat(failure).isInstanceOf(StoreException.Unavailable.class);
    assertThat(read(key("object"), 0, 100)).as("the store goes on").isEqualTo(bytes(100, 41));
  }

  @Test
  default void failsOnceClosed() throws Exception {
    // Given
    put(key("object"), bytes(100, 42));

    // When
    store().close();
    store().close();

    // Then
    assertThat(catchThrowable(() -> store().head(key("object"))))
        .isInstanceOf(StoreException.class);
    assertThat(catchThrowable(() -> put(key("object"), bytes(100, 43))))
        .isInstanceOf(StoreException.class);
  }

  /** Runs a call on a thread whose interrupt flag is set, and requires that it still is after. */
  private static Throwable interrupted(ThrowingCallable call) {
    Thread.currentThread().interrupt();
    try {
      Throwable failure = catchThrowable(call);
      assertThat(Thread.currentThread().isInterrupted()).as("interrupt flag").isTrue();
      return failure;
    } finally {
      boolean cleared = Thread.interrupted(); // Later tests run on this thread.
      assertThat(cleared).isTrue();
    }
  }
}
