package io.takhin.tiered.catalog;

import org.jspecify.annotations.Nullable;

/** Hears of each durable change of the catalog, in the order in which they happened. */
@FunctionalInterface
public interface CatalogListener {
  /**
   * Called on the catalog's writer thread after the change became visible. Must not block, and of
   * the catalog's methods that change something may call only those that change memory: {@link
   * SegmentCatalog#reclassify} and {@link SegmentCatalog#touch}.
   *
   * @param before null when the segment is new
   * @param after null when the segment was forgotten
   */
  void onChange(@Nullable SegmentMetadata before, @Nullable SegmentMetadata after);
}
