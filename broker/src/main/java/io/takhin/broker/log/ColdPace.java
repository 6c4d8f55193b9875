package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets consumers of archived records yield to producers.
 *
 * <p>Such consumers take all the processor there is: fetching, proving, caching and copying costs
 * the broker several times what sendfile of a local file does, so on a machine that is full a
 * produce request waits for its turn behind them. That wait is measured where it arises: a thread
 * sleeps {@value #TICK_MILLIS} ms again and again and notes when it woke late, because the thread
 * of a produce request would have come late by as much. While more than {@value #LATE_PERCENT} in
 * 100 were late, cold records go slower, down to a floor that keeps every consumer going; while
 * fewer were, they go faster. The share is that of a 99th percentile: late wake-ups below it do not
 * move the one of produce requests.
 *
 * <p>How much is fetched follows by itself, because what is read ahead is bounded by what was sent.
 * When it is does not: a request brings up to 8 MiB at once, and receiving, proving and writing
 * them keeps a core for milliseconds. So what is read ahead is taken in at the pace too, chunk by
 * chunk, while the rest of the body waits in the connection. What a reader waits for is not.
 *
 * <p>The price is told by {@code benchmarks/README.md}: on a machine that others keep full, cold
 * consumers get little more than the floor while somebody produces. Nothing is slowed, or measured,
 * while nobody produces.
 *
 * <p>Any thread.
 */
public final class ColdPace implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ColdPace.class);

  static final int TICK_MILLIS = 5;
  static final int LATE_PERCENT = 1;

  /** About what a thread waits for its turn behind one other on a core. */
  static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** What all cold consumers together get at least, for each processor. */
  static final long FLOOR_BYTES_PER_PROCESSOR = 8 << 20;

  /** A consumer among very many is never held for longer at a time. */
  static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Faster than what is sent, so that no consumer waits for what could have been here. */
  static final double FETCHED_PER_SENT = 1.5;

  /** Who has produced or sent nothing for so long has stopped. */
  private static final long STOPPED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long TOLD_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long SLOWER_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final double MOST_BYTES_PER_SECOND = 1L << 34;

  /** Each wake-up counts for one in so many, so the share is that of the last second or so. */
  private static final double TICKS_REMEMBERED = 200;

  /** A second at that pace is seven times the rate; for the way up to what was possible before. */
  private static final double FASTER_BELOW_CEILING = 1.01;

  /** A second at that pace is a tenth more; to find out whether more has become possible. */
  private static final double FASTER_ABOVE_CEILING = 1.0005;

  private final LongSupplier nanoTime;
  private final double floorBytesPerSecond;

  /** When somebody produced last. Written and read without a lock: it only begins and ends. */
  private volatile long producedNanos;

  @GuardedBy("this")
  private double bytesPerSecond;

  /** From where on it goes faster only slowly, because producers have felt it there. */
  @GuardedBy("this")
  private double ceiling = MOST_BYTES_PER_SECOND;

  @GuardedBy("this")
  private double lateShare;

  @GuardedBy("this")
  private final Line sending;

  @GuardedBy("this")
  private final Line fetching;

  @GuardedBy("this")
  private long slowedNanos;

  @GuardedBy("this")
  private long toldNanos;

  @GuardedBy("this")
  private long sentNanos;

  /** Sent since the last tick, and by the second of late. */
  @GuardedBy("this")
  private long sentBytes;

  @GuardedBy("this")
  private double sentPerSecond;

  @GuardedBy("this")
  private boolean watched;

  @GuardedBy("this")
  private boolean closed;

  /** Those who wait for their turn one after the other. */
  private static final class Line {
    /** When the bytes of those before are through. */
    private long freeNanos;

    Line(long now) {
      freeNanos = now;
    }

    void clear(long now) {
      freeNanos = now;
    }

    /** How long to wait before the bytes, which count from here on. */
    long turn(int bytes, long now, double bytesPerSecond) {
      long wait = Math.min(LONGEST_WAIT_NANOS, Math.max(0, freeNanos - now));
      freeNanos = now + wait + (long) (bytes * 1e9 / bytesPerSecond);
      return wait;
    }
  }

  public ColdPace() {
    this(System::nanoTime, Runtime.getRuntime().availableProcessors() * FLOOR_BYTES_PER_PROCESSOR);
  }

  /**
   * @param nanoTime as {@link System#nanoTime}
   * @param floorBytesPerSecond what is never gone below
   */
  ColdPace(LongSupplier nanoTime, long floorBytesPerSecond) {
    this.nanoTime = nanoTime;
    this.floorBytesPerSecond = floorBytesPerSecond;
    long now = nanoTime.getAsLong();
    this.producedNanos = now - STOPPED_NANOS;
    this.sentNanos = now - STOPPED_NANOS;
    this.sending = new Line(now);
    this.fetching = new Line(now);
    this.slowedNanos = now;
    this.toldNanos = now - TOLD_AGAIN_NANOS;
    this.bytesPerSecond = floorBytesPerSecond;
  }

  /** A produce request has come. */
  public void produced() {
    producedNanos = nanoTime.getAsLong();
  }

  /** Waits until so many bytes may go; returns early when the thread is interrupted. */
  void await(int bytes) {
    long now = nanoTime.getAsLong();
    park(turn(bytes, now), now);
  }

  /**
   * Waits after so many bytes have come that nobody has asked for yet; returns early when the
   * thread is interrupted.
   */
  void awaitFetched(int bytes) {
    long now = nanoTime.getAsLong();
    park(fetchTurn(bytes, now), now);
  }

  private void park(long waitNanos, long began) {
    long now = began;
    long until = began + waitNanos;
    while (until - now > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, until - now);
      now = nanoTime.getAsLong();
    }
  }

  /** How long to wait before bytes are sent that are counted as sent from here on. */
  synchronized long turn(int bytes, long now) {
    sentNanos = now;
    sentBytes += bytes;
    if (isIdle(now)) {
      sending.clear(now);
      return 0;
    }
    if (!watched && !closed) {
      watched = true;
      Thread watch = new Thread(this::watch, "takhin-cold-pace");
      watch.setDaemon(true);
      watch.start();
    }
    return sending.turn(bytes, now, bytesPerSecond);
  }

  /** How long to wait after bytes were fetched that count as fetched from here on. */
  synchronized long fetchTurn(int bytes, long now) {
    if (isIdle(now)) {
      fetching.clear(now);
      return 0;
    }
    return fetching.turn(bytes, now, bytesPerSecond * FETCHED_PER_SENT);
  }

  @GuardedBy("this")
  private boolean isIdle(long now) {
    return now - producedNanos >= STOPPED_NANOS || now - sentNanos >= STOPPED_NANOS;
  }

  private void watch() {
    long slept = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    long due = nanoTime.getAsLong() + slept;
    while (true) {
      long now = nanoTime.getAsLong();
      if (now - due < 0) {
        LockSupport.parkNanos(this, due - now);
      } else if (woke(now, now - due)) {
        due = nanoTime.getAsLong() + slept;
      } else {
        return;
      }
    }
  }

  /**
   * Notes that the watch woke.
   *
   * @return false if there is nothing to watch any more
   */
  synchronized boolean woke(long now, long lateNanos) {
    if (closed || isIdle(now)) {
      watched = false;
      return false;
    }
    double seconds = (TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS) + lateNanos) / 1e9;
    sentPerSecond += (sentBytes / seconds - sentPerSecond) / TICKS_REMEMBERED;
    sentBytes = 0;
    lateShare += ((lateNanos > LATE_NANOS ? 1 : 0) - lateShare) / TICKS_REMEMBERED;
    if (lateShare * 100 > LATE_PERCENT) {
      slower(now);
    } else if (lateShare * 200 < LATE_PERCENT) {
      double factor = bytesPerSecond < ceiling ? FASTER_BELOW_CEILING : FASTER_ABOVE_CEILING;
      bytesPerSecond = Math.min(MOST_BYTES_PER_SECOND, bytesPerSecond * factor);
    }
    return true;
  }

  /** Halves what was really sent, which may be far less than what was allowed. */
  @GuardedBy("this")
  private void slower(long now) {
    if (now - slowedNanos < SLOWER_AGAIN_NANOS) {
      return;
    }
    slowedNanos = now;
    double from = Math.min(bytesPerSecond, 2 * sentPerSecond);
    ceiling = Math.max(floorBytesPerSecond, from * 0.7);
    bytesPerSecond = Math.max(floorBytesPerSecond, from * 0.5);
    if (now - toldNanos >= TOLD_AGAIN_NANOS) {
      toldNanos = now;
      LOG.info(
          "cold_reads_yield late_percent={} bytes_per_second={} least={} action=\"none; a broker"
              + " that says so often has too little processor for what it does\"",
          Math.round(lateShare * 100),
          Math.round(bytesPerSecond),
          Math.round(floorBytesPerSecond));
    }
  }

  /** What may be sent in a second now. */
  synchronized double bytesPerSecond() {
    return bytesPerSecond;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
