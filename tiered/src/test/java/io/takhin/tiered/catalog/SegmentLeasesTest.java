package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.catalog.SegmentLeases.Lease;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SegmentLeasesTest {
  private static final int TURNS = 200;

  private final SegmentLeases leases = new SegmentLeases();
  private final SegmentId id = SegmentId.of("t", 0, 0);

  @Test
  void manyReadAtTheSameTime() {
    Lease first = leases.read(id).orElseThrow();
    Lease second = leases.read(id).orElseThrow();

    first.close();
    assertThat(leases.reclaim(id)).isEmpty();
    second.close();

    assertThat(leases.reclaim(id)).isPresent();
  }

  @Test
  void nobodyReadsWhatIsBeingReclaimed() {
    Lease reclaim = leases.reclaim(id).orElseThrow();

    assertThat(leases.read(id)).isEmpty();
    assertThat(leases.reclaim(id)).isEmpty();
    reclaim.close();
    assertThat(leases.read(id)).isPresent();
  }

  @Test
  void closingTwiceGivesBackOnce() {
    Lease first = leases.read(id).orElseThrow();
    Lease second = leases.read(id).orElseThrow();

    first.close();
    first.close();

    assertThat(leases.isHeld(id)).isTrue();
    second.close();
    assertThat(leases.isHeld(id)).isFalse();
  }

  /** Readers go on until the reclaimer got its turns, so that these fall among the reads. */
  @Test
  @Timeout(600)
  void aReclaimerIsAloneWhateverTheThreadsDo() throws InterruptedException, ExecutionException {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger reclaims = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> done = new ArrayList<>();
    for (int reader = 0; reader < 3; reader++) {
      done.add(
          threads.submit(
              () -> {
                do {
                  read(inside);
                } while (reclaims.get() < TURNS);
              }));
    }
    done.add(
        threads.submit(
            () -> {
              while (reclaims.get() < TURNS) {
                reclaim(inside, reclaims);
              }
            }));
    for (Future<?> future : done) {
      future.get();
    }
    threads.shutdown();
    assertThat(leases.isHeld(id)).isFalse();
  }

  private void reclaim(AtomicInteger inside, AtomicInteger reclaims) {
    leases
        .reclaim(id)
        .ifPresent(
            lease -> {
              assertThat(inside.compareAndSet(0, -100)).isTrue();
              inside.set(0);
              lease.close();
              reclaims.incrementAndGet();
            });
  }

  private void read(AtomicInteger inside) {
    leases
        .read(id)
        .ifPresent(
            lease -> {
              assertThat(inside.incrementAndGet()).isPositive();
              inside.decrementAndGet();
              lease.close();
            });
  }
}
