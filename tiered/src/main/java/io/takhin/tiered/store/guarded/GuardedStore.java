package io.takhin.tiered.store.guarded;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes calls on as long as the store answers. After {@value #FAILURES} calls in a row without an
 * answer every call fails at once, and one thread asks for an object that does not exist until an
 * answer comes, at growing intervals of at most {@link #LONGEST_PAUSE}; see {@link Circuit}. So a
 * store that is down costs the calls that were under way and, in ten minutes, at most 90 probes,
 * however much there is to do; and readers are told at once instead of after their patience.
 *
 * <p>An answer is an answer whatever it says: only {@link StoreException.Unavailable} counts
 * against the store. A request that fails alone, for one object, is told from a store that is down
 * by the probe, which is about no object.
 *
 * <p>Copies inside the store are not guarded. Thread-safe, as the store behind it.
 */
public final class GuardedStore extends ForwardingStore {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedStore.class);

  static final int FAILURES = 5;
  static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  /** No later than this after the store is back, work goes on. */
  public static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

  private final ObjectKey probe;
  private final Circuit circuit;
  private final @Nullable ScheduledExecutorService prober;
  private volatile Runnable onAnswer = () -> {};

  @GuardedBy("this")
  private @Nullable ScheduledFuture<?> nextProbe;

  /**
   * @param inner closed with this one
   * @param probe key of an object that does not exist
   */
  public GuardedStore(ObjectStore inner, ObjectKey probe) {
    this(
        inner,
        probe,
        System::nanoTime,
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "tiered-store-probe");
              thread.setDaemon(true);
              return thread;
            }));
  }

  /**
   * @param prober null for a test that sends the probes itself
   */
  GuardedStore(
      ObjectStore inner,
      ObjectKey probe,
      LongSupplier nanoTime,
      @Nullable ScheduledExecutorService prober) {
    super(inner);
    this.probe = probe;
    this.prober = prober;
    this.circuit =
        new Circuit(
            FAILURES,
            FIRST_PAUSE,
            LONGEST_PAUSE,
            nanoTime,
            () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Has it told when a store that was down answers again; must not block. */
  public void onAnswer(Runnable task) {
    onAnswer = task;
  }

  /** Whether calls are passed on. */
  public boolean isAsked() {
    return !circuit.isOpen();
  }

  /**
   * Asks a store that is down without waiting for the pause to end, for somebody who wants to know.
   */
  public void probeNow() {
    probe(true);
  }

  /** Asks a store that is down, if it is time. */
  void probeIfDue() {
    probe(false);
  }

  private void probe(boolean atOnce) {
    if (!circuit.beginProbe(atOnce)) {
      return;
    }
    try {
      Optional<StoredObject> unused = inner().head(probe);
    } catch (StoreException.Unavailable e) {
      circuit.probeFailed(String.valueOf(e.getMessage()));
      return;
    } catch (StoreException e) {
      LOG.debug("probe_answered answer=\"{}\"", e.getMessage()); // A refusal is an answer.
    } catch (RuntimeException | Error e) {
      circuit.probeFailed(e.toString());
      throw e;
    }
    if (circuit.probeAnswered()) {
      reportAnswer();
    }
  }

  private void reportAnswer() {
    LOG.info("store_answers store={} action=\"none, work goes on\"", inner().description());
    onAnswer.run();
  }

  private void reportSilence(String error) {
    LOG.warn(
        "store_down store={} error=\"{}\" action=\"bring the store back; it is asked again at growing"
            + " intervals of up to {} s, and work goes on by itself\"",
        inner().description(),
        error,
        LONGEST_PAUSE.toSeconds());
    scheduleProbe();
  }

  /** In the place of the one that may be scheduled already, so that there is one at a time. */
  private synchronized void scheduleProbe() {
    ScheduledExecutorService thread = prober;
    if (nextProbe != null) {
      nextProbe.cancel(false);
    }
    if (thread == null || !circuit.isOpen()) {
      return;
    }
    try {
      nextProbe =
          thread.schedule(
              this::probeAndGoOn, circuit.untilProbe().toMillis() + 1, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("probe_not_scheduled reason=closed");
    }
  }

  private void probeAndGoOn() {
    try {
      probeIfDue();
    } catch (RuntimeException | Error e) {
      // Whatever left here would end the probes for good.
      LOG.error("probe_failed action=\"none, it is tried again; report the error\"", e);
    } finally {
      scheduleProbe();
    }
  }

  @Override
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    Optional<String> refusal = circuit.refusal();
    if (refusal.isPresent()) {
      throw new StoreException.Unavailable(
          operation.tag() + " " + object + ": " + inner().description() + " " + refusal.get(),
          null);
    }
    T result;
    try {
      result = request.send();
    } catch (StoreException.Unavailable e) {
      String error = String.valueOf(e.getMessage());
      // An interrupt is the caller's doing, which says nothing about the store.
      if (!Thread.currentThread().isInterrupted() && circuit.failed(error)) {
        reportSilence(error);
      }
      throw e;
    } catch (StoreException e) {
      answered();
      throw e;
    }
    answered();
    return result;
  }

  private void answered() {
    if (circuit.answered()) {
      reportAnswer();
    }
  }

  /** Ends the probes; calls are still passed on. For an owner who keeps the store. */
  public void stopProbing() {
    if (prober != null) {
      prober.shutdownNow();
    }
  }

  @Override
  public void close() {
    stopProbing();
    super.close();
  }
}
