package io.takhin.tiered.transfer.bucket;

/**
 * What a transfer would do, in figures.
 *
 * @param objects how many the patterns take
 * @param bytes of all of them
 * @param compareObjects how many have something of the same size at the target, and are copied only
 *     if the checksums differ
 * @param compareBytes of these
 * @param replaceObjects how many would replace something of another size
 * @param refusedObjects how many cannot be carried, because of their keys
 * @param direct whether copies inside the store would be tried
 */
public record TransferPlan(
    long objects,
    long bytes,
    long compareObjects,
    long compareBytes,
    long replaceObjects,
    long refusedObjects,
    boolean direct) {
  static final TransferPlan EMPTY = new TransferPlan(0, 0, 0, 0, 0, 0, false);

  TransferPlan with(PlannedObject object) {
    boolean compare = object.action() == PlannedObject.Action.COMPARE;
    return new TransferPlan(
        objects + 1,
        bytes + object.sizeBytes(),
        compareObjects + (compare ? 1 : 0),
        compareBytes + (compare ? object.sizeBytes() : 0),
        replaceObjects + (object.action() == PlannedObject.Action.REPLACE ? 1 : 0),
        refusedObjects + (object.action() == PlannedObject.Action.REFUSE ? 1 : 0),
        direct);
  }

  TransferPlan going(boolean directly) {
    return new TransferPlan(
        objects, bytes, compareObjects, compareBytes, replaceObjects, refusedObjects, directly);
  }
}
