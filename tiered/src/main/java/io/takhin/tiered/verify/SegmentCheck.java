package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Quarantine;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.Workers;
import io.takhin.tiered.verify.Finding.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one segment so that no move of it is ever taken for damage.
 *
 * <p>The first look waits for nobody and holds nobody up. What it finds is only a suspicion: the
 * segment may have moved meanwhile. So whoever looks suspicious is looked at once more in its own
 * turn, as an operation that no other operation of the segment overlaps. Only what is wrong then is
 * a finding, and repairs happen in the same turn.
 */
final class SegmentCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentCheck.class);

  /** Moves that happen to fall into every look; the next round looks again. */
  private static final int MAX_LOOKS = 3;

  /** A repaired object may show what is wrong with a file, and a new proof may need a look. */
  private static final int MAX_REPAIRS = 4;

  private final SegmentCatalog catalog;
  private final SegmentTasks<SegmentMetadata> tasks;
  private final Workers turns;
  private final Examiner examiner;
  private final Repairs repairs;
  private final Quarantine quarantine;

  SegmentCheck(
      SegmentCatalog catalog,
      SegmentTasks<SegmentMetadata> tasks,
      Workers turns,
      Examiner examiner,
      Repairs repairs,
      Quarantine quarantine) {
    this.catalog = catalog;
    this.tasks = tasks;
    this.turns = turns;
    this.examiner = examiner;
    this.repairs = repairs;
    this.quarantine = quarantine;
  }

  /** What a first look says. */
  enum Verdict {
    SOUND,
    SUSPICIOUS,
    MOVING
  }

  /** Looks at a segment without holding anybody up. */
  Verdict look(SegmentId id, Level level) throws IOException, InterruptedException {
    for (int looks = 0; looks < MAX_LOOKS; looks++) {
      Optional<SegmentMetadata> segment = catalog.find(id);
      if (segment.isEmpty()) {
        return Verdict.MOVING;
      }
      Look look = examiner.look(segment.get(), level);
      if (!look.hasMoved()) {
        return look.suspects().isEmpty() ? Verdict.SOUND : Verdict.SUSPICIOUS;
      }
    }
    return Verdict.MOVING;
  }

  /**
   * Looks once more in the segment's own turn.
   *
   * @return what is wrong with it, and what became of that; empty if nothing is
   */
  List<Finding> confirm(SegmentId id, Level level, boolean repair)
      throws IOException, CatalogException, InterruptedException {
    return inTurn(id, () -> settle(id, level, repair));
  }

  /** Something done in a segment's turn. */
  @FunctionalInterface
  interface Turn {
    List<Finding> take() throws Exception;
  }

  /**
   * Does something while no operation of the segment runs, which need not be a known one.
   *
   * @return what it gave; empty if another verification had the turn
   */
  List<Finding> inTurn(SegmentId id, Turn turn)
      throws IOException, CatalogException, InterruptedException {
    AtomicReference<List<Finding>> findings = new AtomicReference<>();
    for (int tries = 0; tries < MAX_LOOKS && findings.get() == null; tries++) {
      CompletableFuture<SegmentMetadata> outcome =
          tasks.run(
              id,
              SegmentTasks.Kind.VERIFY,
              turns,
              () -> {
                findings.set(turn.take());
                return catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
              });
      try {
        outcome.get();
      } catch (ExecutionException e) {
        if (findings.get() == null) {
          rethrow(e.getCause());
        }
      }
    }
    List<Finding> found = findings.get();
    return found == null ? List.of() : found;
  }

  private static void rethrow(@Nullable Throwable failure)
      throws IOException, CatalogException, InterruptedException {
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof CatalogException e) {
      throw e;
    }
    if (failure instanceof InterruptedException e) {
      throw e;
    }
    if (failure instanceof SegmentBusyException) {
      throw new IOException("too much is queued for a verification to take its turn", failure);
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException("verification of a segment failed", failure);
  }

  private List<Finding> settle(SegmentId id, Level level, boolean repair)
      throws IOException, CatalogException, InterruptedException {
    Optional<SegmentMetadata> segment = catalog.find(id);
    if (segment.isEmpty()) {
      return List.of();
    }
    Look look = examiner.look(segment.get(), level);
    if (look.hasMoved() || look.suspects().isEmpty()) {
      return List.of();
    }
    return repair ? repaired(look, level) : reported(id, look);
  }

  private static List<Finding> reported(SegmentId id, Look look) {
    return look.suspects().stream()
        .map(suspect -> suspect.finding(id, Outcome.REPORTED, "nothing, no repair was asked for"))
        .toList();
  }

  private List<Finding> repaired(Look first, Level level)
      throws IOException, CatalogException, InterruptedException {
    SegmentId id = first.segment().id();
    List<Suspect> all = new ArrayList<>(first.suspects());
    List<String> how = new ArrayList<>();
    Look look = first;
    String deferred = "";
    for (int round = 0; round < MAX_REPAIRS && !look.suspects().isEmpty(); round++) {
      int before = how.size();
      try {
        repairs.repair(look, how);
      } catch (SegmentBusyException e) {
        deferred = String.valueOf(e.getMessage());
      } catch (StoreException.Unavailable e) {
        throw e; // Nobody can tell now what is wrong.
      } catch (IOException e) {
        LOG.warn("repair_failed segment={} action=\"see the error\"", id, e);
        how.add("failed: " + e.getMessage());
        break;
      }
      Optional<SegmentMetadata> now = catalog.find(id);
      if (how.size() == before || now.isEmpty()) {
        break;
      }
      look = examiner.look(now.get(), level);
      for (Suspect suspect : look.suspects()) {
        if (all.stream().noneMatch(suspect::isSame)) {
          all.add(suspect);
        }
      }
    }
    return judged(id, all, look, how, deferred);
  }

  private List<Finding> judged(
      SegmentId id, List<Suspect> all, Look last, List<String> how, String deferred)
      throws CatalogException {
    List<Suspect> left = last.suspects();
    String done = how.isEmpty() ? "nothing could be done" : String.join("; ", how);
    Outcome outcome = deferred.isEmpty() ? Outcome.QUARANTINED : Outcome.DEFERRED;
    if (!left.isEmpty() && outcome == Outcome.QUARANTINED) {
      Suspect one = left.get(0);
      quarantine.add(
          id,
          QuarantineStage.VERIFY,
          one.kind().label()
              + ": "
              + one.where()
              + " expected="
              + one.expected()
              + " got="
              + one.actual());
    } else if (left.isEmpty()) {
      quarantine.succeeded(id, QuarantineStage.VERIFY);
    }
    List<Finding> findings = new ArrayList<>();
    for (Suspect suspect : all) {
      boolean isLeft = left.stream().anyMatch(suspect::isSame);
      findings.add(
          suspect.finding(
              id,
              isLeft ? outcome : Outcome.REPAIRED,
              isLeft && !deferred.isEmpty() ? deferred : done));
    }
    return findings;
  }
}
