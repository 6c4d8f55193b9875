package io.takhin.tiered.verify;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Compares an index with the batches of its log, as they stream by in their order. Remembers the
 * first thing that is wrong.
 */
abstract class IndexCheck {
  final ByteBuffer index;
  final long baseOffset;
  private final int entryBytes;
  private @Nullable String problem;

  /**
   * @param index as on disk; not copied
   * @param baseOffset what its offsets are relative to
   */
  IndexCheck(byte[] index, long baseOffset, int entryBytes) {
    this.index = ByteBuffer.wrap(index);
    this.baseOffset = baseOffset;
    this.entryBytes = entryBytes;
    if (index.length % entryBytes != 0) {
      wrong("size: expected a multiple of " + entryBytes + ", got " + index.length);
    }
  }

  /** The log's next batch, whose checksum agreed. */
  abstract void accept(Batch batch);

  /** The log has ended. */
  abstract void end();

  /** The first thing that is wrong; null if nothing is. */
  final @Nullable String problem() {
    return problem;
  }

  final boolean hasEntry() {
    return problem == null && index.remaining() >= entryBytes;
  }

  final void wrong(String what) {
    if (problem == null) {
      problem = what;
    }
  }

  /** Says which entry, too. */
  final void wrongEntry(String what) {
    wrong("entry " + index.position() / entryBytes + ": " + what);
  }

  final void next() {
    index.position(index.position() + entryBytes);
  }
}
