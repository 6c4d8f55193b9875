package io.takhin.testkit;

import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Says which calls of a {@link FaultStore} are struck, and ends with what happens to them. Begun by
 * {@link FaultStore#on}; by default every matching call is struck, until the fault is released.
 */
public final class FaultRule {
  private static final Set<StoreOperation> CAN_LIE =
      EnumSet.of(
          StoreOperation.PUT,
          StoreOperation.PUT_PART,
          StoreOperation.COMPLETE,
          StoreOperation.ABORT,
          StoreOperation.COPY,
          StoreOperation.DELETE);

  private final FaultList<StoreCall, StoreEffect> faults;
  private final Set<StoreOperation> operations;
  private final Duration longestHang;
  private Predicate<String> keys = key -> true;
  private int skip;
  private int times = Integer.MAX_VALUE;

  FaultRule(
      FaultList<StoreCall, StoreEffect> faults,
      Set<StoreOperation> operations,
      Duration longestHang) {
    this.faults = faults;
    this.operations = operations;
    this.longestHang = longestHang;
  }

  /** Strikes only calls whose key, or prefix in a listing, satisfies the predicate. */
  public FaultRule keys(Predicate<String> predicate) {
    keys = predicate;
    return this;
  }

  /** Lets the first matching calls pass. */
  public FaultRule skip(int calls) {
    skip = calls;
    return this;
  }

  /** Strikes no more than so many calls. */
  public FaultRule times(int calls) {
    times = calls;
    return this;
  }

  /** Fails without doing what was asked. */
  public Fault failBefore(Function<String, StoreException> failure) {
    return arm(
        "fail before",
        fault ->
            new StoreEffect() {
              @Override
              public void before(StoreCall call) throws StoreException {
                fault.strike();
                throw failure.apply(message(fault, call));
              }
            });
  }

  /** Does what was asked, then fails all the same: the outcome the caller cannot know. */
  public Fault failAfter(Function<String, StoreException> failure) {
    return arm(
        "fail after",
        fault ->
            new StoreEffect() {
              @Override
              public void after(StoreCall call) throws StoreException {
                fault.strike();
                throw failure.apply(message(fault, call));
              }
            });
  }

  /** Waits, then does what was asked. */
  public Fault delay(Duration delay) {
    return arm("delay by " + delay, fault -> waiting(fault, delay, false));
  }

  /**
   * Waits until {@link Fault#release()}, then does what was asked; fails as {@link
   * StoreException.Unavailable} when the thread is interrupted or the store's longest hang is over.
   */
  public Fault hang() {
    return arm("hang", fault -> waiting(fault, longestHang, true));
  }

  /** Reads hand over only so many bytes, and then report success. */
  public Fault truncate(long afterBytes) {
    requireOnly(EnumSet.of(StoreOperation.GET), "truncate");
    return arm(
        "truncate after " + afterBytes + " bytes",
        fault ->
            new StoreEffect() {
              @Override
              public WritableByteChannel through(WritableByteChannel target) {
                return new AlteringChannel(target, fault, afterBytes, -1);
              }
            });
  }

  /** Reads hand over one wrong bit, in the byte at this position of what is read. */
  public Fault flipBit(long atByte) {
    requireOnly(EnumSet.of(StoreOperation.GET), "flip a bit");
    return arm(
        "flip a bit of byte " + atByte,
        fault ->
            new StoreEffect() {
              @Override
              public WritableByteChannel through(WritableByteChannel target) {
                return new AlteringChannel(target, fault, Long.MAX_VALUE, atByte);
              }
            });
  }

  /** Acknowledges writes and removals without doing them. */
  public Fault lie() {
    requireOnly(CAN_LIE, "lie about success");
    return arm(
        "lie about success",
        fault ->
            new StoreEffect() {
              @Override
              public boolean lies() {
                fault.strike();
                return true;
              }
            });
  }

  /**
   * Fails puts as {@link StoreException.Unavailable}; they happen all the same when {@link
   * FaultStore#deliverLate()} is called, as a request does that was on its way for so long that its
   * sender had given it up.
   */
  public Fault arriveLate() {
    requireOnly(EnumSet.of(StoreOperation.PUT), "arrive late");
    return arm(
        "arrive late",
        fault ->
            new StoreEffect() {
              @Override
              public boolean isLate() {
                fault.strike();
                return true;
              }
            });
  }

  private void requireOnly(Set<StoreOperation> able, String effect) {
    if (!able.containsAll(operations)) {
      throw new IllegalArgumentException(
          "cannot " + effect + ": expected only " + able + ", got " + operations);
    }
  }

  private Fault arm(String what, Function<Fault, StoreEffect> effect) {
    Fault fault = new Fault(what + " on " + operations, skip, times);
    Predicate<String> chosenKeys = keys;
    faults.add(
        fault,
        call -> operations.contains(call.operation()) && chosenKeys.test(call.subject()),
        effect.apply(fault));
    return fault;
  }

  private static StoreEffect waiting(Fault fault, Duration atMost, boolean failsAtTheEnd) {
    return new StoreEffect() {
      @Override
      public void before(StoreCall call) throws StoreException {
        fault.strike();
        try {
          boolean released = fault.awaitRelease(atMost);
          if (!released && failsAtTheEnd) {
            throw new StoreException.Unavailable("never released: " + message(fault, call), null);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StoreException.Unavailable("interrupted: " + message(fault, call), e);
        }
      }
    };
  }

  private static String message(Fault fault, StoreCall call) {
    return "injected fault (" + fault + "): " + call;
  }

  /** Swallows what lies behind a position, and flips the lowest bit of one byte. */
  private static final class AlteringChannel implements WritableByteChannel {
    private final WritableByteChannel target;
    private final Fault fault;
    private final long endBytes;
    private final long flippedByte;
    private long positionBytes;

    AlteringChannel(WritableByteChannel target, Fault fault, long endBytes, long flippedByte) {
      this.target = target;
      this.fault = fault;
      this.endBytes = endBytes;
      this.flippedByte = flippedByte;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int count = source.remaining();
      ByteBuffer altered = ByteBuffer.allocate(count).put(source).flip();
      long flipAt = flippedByte - positionBytes;
      if (flipAt >= 0 && flipAt < count) {
        altered.put((int) flipAt, (byte) (altered.get((int) flipAt) ^ 1));
        fault.strike();
      }
      if (positionBytes <= endBytes && positionBytes + count > endBytes) {
        fault.strike();
      }
      altered.limit((int) Math.max(0, Math.min(count, endBytes - positionBytes)));
      while (altered.hasRemaining()) {
        target.write(altered);
      }
      positionBytes += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() throws IOException {
      target.close();
    }
  }
}
