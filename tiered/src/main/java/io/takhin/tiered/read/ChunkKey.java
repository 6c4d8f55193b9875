package io.takhin.tiered.read;

/**
 * Names a chunk: 128 bits that name its object, see {@link RemoteFile}, and its number in it from 0
 * on.
 */
record ChunkKey(long nameHigh, long nameLow, int index) {
  /** The name is a hash already. */
  @Override
  public int hashCode() {
    return (int) nameLow * 31 + index * 0x9E3779B9;
  }
}
