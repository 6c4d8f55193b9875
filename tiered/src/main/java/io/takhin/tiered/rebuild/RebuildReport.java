package io.takhin.tiered.rebuild;

import java.util.List;
import java.util.Map;

/**
 * What a rebuild found, or would find.
 *
 * @param partitions in the order of their names in the bucket
 * @param segments taken into the catalog
 * @param bytes of all their files
 * @param localSegments in the bucket and on this machine, too: left out of the catalog, so that the
 *     log offers them and the archiver proves them against the bucket
 * @param deletedSegments whose objects stay for a time yet; taken in as such
 * @param gaps recorded ranges of offsets that were given up; taken in as such
 * @param uncommittedSegments with objects and without a manifest: never archived, or deleted
 * @param foreignObjects that the archiver did not write
 * @param problems the first of them; {@link #problemCounts} has all
 * @param objects listed
 * @param requests made to the store
 */
public record RebuildReport(
    List<RebuiltPartition> partitions,
    long segments,
    long bytes,
    long localSegments,
    long deletedSegments,
    long gaps,
    long uncommittedSegments,
    long foreignObjects,
    List<RebuildProblem> problems,
    Map<RebuildProblem.Kind, Long> problemCounts,
    long objects,
    long requests) {
  public RebuildReport {
    partitions = List.copyOf(partitions);
    problems = List.copyOf(problems);
    problemCounts = Map.copyOf(problemCounts);
  }

  /** All problems, also those that are not told one by one. */
  public long problemCount() {
    return problemCounts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Problems that are more than a warning. */
  public long damageCount() {
    return problemCounts.entrySet().stream()
        .filter(each -> !each.getKey().isWarning())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** How many topics the partitions belong to. */
  public long topics() {
    return partitions.stream().map(each -> each.partition().topic()).distinct().count();
  }
}
