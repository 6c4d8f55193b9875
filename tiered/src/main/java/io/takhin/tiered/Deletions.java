package io.takhin.tiered;

import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/**
 * What is deleted and not removed yet: it can be told and, while all its objects are still in the
 * bucket, brought back. Thread-safe; answers come from memory.
 */
public final class Deletions {
  /** Enough for the catalog to write many changes with one flush of the disk. */
  private static final int MAX_IN_FLIGHT = 64;

  /** Failures that are told of one undeletion; the others are only counted. */
  private static final int MAX_TOLD = 100;

  private final Machinery machinery;
  private final PartitionDeleter background;
  private final List<UndeleteListener> listeners = new CopyOnWriteArrayList<>();

  Deletions(Machinery machinery, PartitionDeleter background) {
    this.machinery = machinery;
    this.background = background;
  }

  /**
   * A deleted segment.
   *
   * @param purgeAt its objects stay at least until then
   * @param hold that keeps it also after that time
   * @param refusal why the store did not let its objects go, when that was tried last; some of them
   *     may be gone
   */
  public record Deleted(
      SegmentMetadata segment,
      Instant deletedAt,
      Instant purgeAt,
      Optional<Hold> hold,
      Optional<String> refusal) {}

  /**
   * What came of an undeletion.
   *
   * @param restored how many segments can be read again
   * @param failed how many could not be brought back
   * @param problems of the first of those, each naming its segment
   */
  public record Undeletion(int restored, int failed, List<String> problems) {
    public Undeletion {
      problems = List.copyOf(problems);
    }
  }

  /** Told of topics whose segments came back, so that it makes a log of them again. */
  @FunctionalInterface
  public interface UndeleteListener {
    /**
     * Called on a background thread, which it may block, after the segments of the topic came back
     * and before the caller of {@link Deletions#undeleteTopic} is told. The catalog tells which
     * they are. Has to bear being called again.
     *
     * @throws Exception if it could not be done; passed on to the caller, who may repeat
     */
    void undeleted(String topic) throws Exception;
  }

  public void addListener(UndeleteListener listener) {
    listeners.add(listener);
  }

  /** Deleted segments, those that are to go first before the others. */
  public List<Deleted> list(Predicate<SegmentId> wanted, int max) {
    return machinery
        .work
        .deleted()
        .filter(wanted)
        .map(machinery.catalog::find)
        .flatMap(Optional::stream)
        .flatMap(segment -> deleted(segment).stream())
        .limit(max)
        .toList();
  }

  private Optional<Deleted> deleted(SegmentMetadata segment) {
    return segment.state() instanceof SegmentState.Deleting state
        ? Optional.of(
            new Deleted(
                segment,
                Instant.ofEpochMilli(state.deletedAtMillis()),
                Instant.ofEpochMilli(state.purgeAtMillis()),
                machinery.holds.covering(segment),
                machinery.work.refusal(segment.id())))
        : Optional.empty();
  }

  /** How many segments are deleted and not removed yet. */
  public long segments() {
    return machinery.work.deletedSegments();
  }

  /** The bytes of their logs. */
  public long bytes() {
    return machinery.work.deletedBytes();
  }

  /**
   * Why no other topic may have the name now: its segments would get keys at which objects of the
   * old one still lie. Empty if there are none, or all of them go at once.
   *
   * @return for people; names the time at which the name becomes free, where that is known
   */
  public Optional<String> nameTaken(String topic) {
    long waiting = 0;
    long lastMillis = 0;
    Optional<String> kept = Optional.empty();
    for (Deleted each : machinery.work.isDeleting(topic) ? ofTopic(topic) : List.<Deleted>of()) {
      boolean isKept = each.hold().isPresent() || each.refusal().isPresent();
      if (isKept && kept.isEmpty()) {
        kept =
            each.hold()
                .map(hold -> "hold " + hold.name() + " keeps them")
                .or(() -> each.refusal().map(reason -> "the store keeps them: " + reason));
      }
      if (isKept || each.purgeAt().isAfter(each.deletedAt())) {
        waiting++;
        lastMillis = Math.max(lastMillis, each.purgeAt().toEpochMilli());
      }
    }
    if (waiting == 0) {
      return Optional.empty();
    }
    return Optional.of(
        waiting
            + " deleted segments of an earlier topic of this name stay in the bucket "
            + kept.orElse("until " + Instant.ofEpochMilli(lastMillis))
            + "; `takhin undelete --topic "
            + topic
            + "` brings them back");
  }

  private List<Deleted> ofTopic(String topic) {
    return machinery.catalog.partitions().stream()
        .filter(partition -> partition.topic().equals(topic))
        .flatMap(partition -> machinery.catalog.segments(partition).stream())
        .flatMap(segment -> deleted(segment).stream())
        .toList();
  }

  /**
   * Brings one segment back, in state remote. Who has a log of the partition has to let it start
   * early enough: {@link #undeleteTopic} does that, this does not.
   *
   * <p>The future fails as those of {@link TieredStorageManager} do; with {@link
   * io.takhin.tiered.transfer.ObjectMismatchException} if some of it is gone.
   */
  public CompletableFuture<SegmentMetadata> undelete(SegmentId id, String reason) {
    return machinery.mover.undelete(id, reason);
  }

  /**
   * Brings back all deleted segments of a topic that can be, and then tells the listeners. May be
   * repeated.
   */
  public CompletableFuture<Undeletion> undeleteTopic(String topic, String reason) {
    return undelete(topic, id -> true, reason);
  }

  /** As {@link #undeleteTopic}, only the segments that are wanted. */
  public CompletableFuture<Undeletion> undelete(
      String topic, Predicate<SegmentId> wanted, String reason) {
    Counting counting = new Counting();
    return background
        .inBackground(
            () -> {
              for (Deleted each : ofTopic(topic)) {
                SegmentId id = each.segment().id();
                if (wanted.test(id)) {
                  counting.add(id, machinery.mover.undelete(id, reason));
                }
              }
              counting.awaitAll();
              tell(topic);
            })
        .thenApply(done -> counting.result());
  }

  private void tell(String topic) throws IOException, InterruptedException {
    for (UndeleteListener listener : listeners) {
      try {
        listener.undeleted(topic);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(
            "its segments are back, but the topic is not, repeat the undeletion: topic="
                + topic
                + " problem="
                + e.getMessage(),
            e);
      }
    }
  }

  /** Counts how undeletions went, some under way at a time. Used by one thread. */
  private static final class Counting {
    private final Deque<Flight> underWay = new ArrayDeque<>();
    private final List<String> problems = new ArrayList<>();
    private int restored;
    private int failed;

    private record Flight(SegmentId id, CompletableFuture<SegmentMetadata> outcome) {}

    void add(SegmentId id, CompletableFuture<SegmentMetadata> outcome) throws InterruptedException {
      if (underWay.size() == MAX_IN_FLIGHT) {
        awaitOldest();
      }
      underWay.add(new Flight(id, outcome));
    }

    void awaitAll() throws InterruptedException {
      while (!underWay.isEmpty()) {
        awaitOldest();
      }
    }

    private void awaitOldest() throws InterruptedException {
      Flight oldest = underWay.remove();
      try {
        oldest.outcome().get();
        restored++;
      } catch (ExecutionException e) {
        failed++;
        if (problems.size() < MAX_TOLD) {
          Throwable cause = e.getCause();
          String why =
              cause instanceof CatalogException.UnknownSegment
                  ? "it was removed meanwhile"
                  : String.valueOf(cause);
          problems.add(oldest.id() + ": " + why);
        }
      }
    }

    Undeletion result() {
      return new Undeletion(restored, failed, problems);
    }
  }
}
