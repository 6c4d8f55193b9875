package io.takhin.tiered.store.guarded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore;
import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.memory.MemoryStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GuardedStoreTest {
  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final ObjectKey PROBE = new ObjectKey(".takhin/probe");

  private final AtomicLong nanos = new AtomicLong();
  private final FaultyStore inner = new FaultyStore(new MemoryStore());
  private final GuardedStore store = new GuardedStore(inner, PROBE, nanos::get, null);

  private void requireFailures(int calls) {
    for (int i = 0; i < calls; i++) {
      assertThatThrownBy(() -> store.head(KEY)).isInstanceOf(StoreException.Unavailable.class);
    }
  }

  private void step(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** The store counts no requests below .takhin/, where the probe lies; all that are sent fail. */
  private int sent() {
    return inner.fired();
  }

  /** The bound that the javadoc states, under as many calls as one likes. */
  @Test
  void tenMinutesWithoutAnAnswerCostAtMostNinetyProbes() {
    inner.goDown();
    for (int step = 0; step < 6_000; step++) {
      requireFailures(20);
      store.probeIfDue();
      step(Duration.ofMillis(100));
    }
    assertThat(sent()).isBetween(GuardedStore.FAILURES + 40, GuardedStore.FAILURES + 90);
  }

  @Test
  void aStoreThatAnswersAgainIsAskedAgainWithinTheLongestPause() throws StoreException {
    AtomicInteger told = new AtomicInteger();
    store.onAnswer(told::incrementAndGet);
    inner.goDown();
    requireFailures(GuardedStore.FAILURES);
    for (int second = 0; second < 600; second++) {
      store.probeIfDue();
      step(Duration.ofSeconds(1));
    }
    assertThat(inner.fired()).isPositive();
    inner.heal();
    step(GuardedStore.LONGEST_PAUSE);
    store.probeIfDue();
    assertThat(store.isAsked()).isTrue();
    assertThat(told).hasValue(1);
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void whoeverIsRefusedIsToldWhyAndUntilWhen() {
    inner.goDown();
    requireFailures(GuardedStore.FAILURES);
    int before = sent();
    step(Duration.ofMillis(100));
    assertThatThrownBy(() -> store.head(KEY))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("head a/b")
        .hasMessageContaining("next attempt in")
        .hasMessageContaining("injected: store is down");
    assertThat(sent()).isEqualTo(before);
  }

  @Test
  void aCommandNeedNotWaitForThePause() throws StoreException {
    inner.goDown();
    requireFailures(GuardedStore.FAILURES);
    store.probeNow();
    assertThat(store.isAsked()).isFalse();
    inner.heal();
    store.probeNow();
    assertThat(store.isAsked()).isTrue();
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void oneObjectThatFailsDoesNotKeepTheOthersFromTheStore() throws StoreException {
    // Given
    inner.refuse(StoreOperation.HEAD, KEY.value());
    requireFailures(GuardedStore.FAILURES);
    assertThat(store.isAsked()).isFalse();

    // When
    step(GuardedStore.FIRST_PAUSE);
    store.probeIfDue();

    // Then
    assertThat(inner.fired()).isPositive();
    assertThat(store.head(new ObjectKey("a/c"))).isEmpty();
  }

  /** A bucket that is full, for one, answers every question and takes nothing. */
  @Test
  void aStoreThatAnswersOnlyProbesIsAskedEverMoreSeldom() {
    inner.refuse(StoreOperation.HEAD, KEY.value());
    for (int step = 0; step < 6_000; step++) {
      requireFailures(20);
      store.probeIfDue();
      step(Duration.ofMillis(100));
    }
    assertThat(inner.fired()).isBetween(200, 90 * GuardedStore.FAILURES);
  }

  @Test
  void refusalsAreAnswers() {
    inner.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            throw new StoreException.Rejected("injected: wrong key", null);
          }
        });
    for (int i = 0; i < 3 * GuardedStore.FAILURES; i++) {
      assertThatThrownBy(() -> store.head(KEY)).isInstanceOf(StoreException.Rejected.class);
    }
    assertThat(store.isAsked()).isTrue();
  }

  @Test
  void failuresThatDoNotFollowEachOtherCloseNothing() throws StoreException {
    for (int i = 0; i < 3 * GuardedStore.FAILURES; i++) {
      inner.goDown();
      requireFailures(GuardedStore.FAILURES - 1);
      inner.heal();
      assertThat(store.head(KEY)).isEmpty();
    }
    assertThat(store.isAsked()).isTrue();
  }

  @Test
  void aCallerThatIsInterruptedSaysNothingAboutTheStore() {
    inner.goDown();
    for (int i = 0; i < 3 * GuardedStore.FAILURES; i++) {
      Thread.currentThread().interrupt();
      requireFailures(1);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(store.isAsked()).isTrue();
  }

  @Test
  void theThreadFindsOutByItself() {
    try (GuardedStore watched = new GuardedStore(inner, PROBE)) {
      inner.goDown();
      for (int i = 0; i < GuardedStore.FAILURES; i++) {
        assertThatThrownBy(() -> watched.head(KEY)).isInstanceOf(StoreException.Unavailable.class);
      }
      assertThat(watched.isAsked()).isFalse();
      Awaitility.await().until(() -> inner.fired() > GuardedStore.FAILURES);
      inner.heal();
      Awaitility.await().until(watched::isAsked);
    }
  }
}
