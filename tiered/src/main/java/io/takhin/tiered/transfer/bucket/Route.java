package io.takhin.tiered.transfer.bucket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.StoredObject;
import java.util.Optional;

/**
 * Decides for each object whether it is copied inside the store or streamed, and can say why.
 *
 * <p>In mode {@code AUTO} a refused copy is streamed instead. A few refusals in a row, without a
 * copy that was made, count as an answer for all the rest: the credentials do not allow it.
 */
final class Route {
  private static final int REFUSALS_THAT_SETTLE_IT = 3;

  private final BucketPrefix source;
  private final BucketPrefix target;
  private final TransferMode mode;
  private final boolean sameService;

  @GuardedBy("this")
  private int refusalsInARow;

  @GuardedBy("this")
  private long refusals;

  @GuardedBy("this")
  private Optional<String> firstRefusal = Optional.empty();

  /**
   * @throws TransferRefusedException if only copies are asked for and there can be none
   */
  Route(BucketPrefix source, BucketPrefix target, TransferMode mode)
      throws TransferRefusedException {
    this.source = source;
    this.target = target;
    this.mode = mode;
    this.sameService = target.store().copies().accepts(source.anyObject());
    if (mode == TransferMode.DIRECT && !sameService) {
      throw new TransferRefusedException(
          "mode direct needs both sides at one service, and these are two: source="
              + source.name()
              + " target="
              + target.name());
    }
  }

  /** Whether to try a copy inside the store now. */
  synchronized boolean direct() {
    return mode != TransferMode.STREAM
        && sameService
        && (mode == TransferMode.DIRECT || refusalsInARow < REFUSALS_THAT_SETTLE_IT);
  }

  CopySource copySource(StoredObject object) {
    return source.store().copies().source(object);
  }

  /** A copy was made. */
  synchronized void copied() {
    if (refusalsInARow < REFUSALS_THAT_SETTLE_IT) {
      refusalsInARow = 0;
    }
  }

  /**
   * A copy was refused.
   *
   * @return whether the object is to be streamed instead
   */
  synchronized boolean refused(String reason) {
    refusals++;
    refusalsInARow++;
    if (firstRefusal.isEmpty()) {
      firstRefusal = Optional.of(reason);
    }
    return mode == TransferMode.AUTO;
  }

  /** How the bytes go and why, in a few words. */
  synchronized String description() {
    if (mode == TransferMode.STREAM) {
      return "stream, as asked for";
    }
    if (!sameService) {
      return "stream: the sides are different services";
    }
    if (firstRefusal.isEmpty()) {
      return "direct: copied inside the store";
    }
    String what =
        direct()
            ? "direct; streamed where the store refused a copy (" + refusals + "): "
            : "stream: the store refused to copy: ";
    return (mode == TransferMode.DIRECT ? "direct; refused (" + refusals + "): " : what)
        + firstRefusal.get();
  }

  @Override
  public String toString() {
    return source.name() + " to " + target.name() + ", " + description();
  }
}
