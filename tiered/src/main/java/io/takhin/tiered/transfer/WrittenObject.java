package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;

/**
 * What an {@link ObjectWriter} has made.
 *
 * @param parts it was sent in; 1 also if it was so small that it went with one request
 * @param checksum over the whole object, computed here and accepted by the store
 */
public record WrittenObject(
    ObjectKey key, int parts, long sizeBytes, String etag, Crc32c checksum) {}
