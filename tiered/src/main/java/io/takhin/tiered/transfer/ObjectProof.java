package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;

/**
 * What an object has to be, computed from the bytes that were read on this machine and never from
 * what the store says.
 *
 * @param checksum over the whole object
 */
public record ObjectProof(ObjectKey key, long sizeBytes, Crc32c checksum) {}
