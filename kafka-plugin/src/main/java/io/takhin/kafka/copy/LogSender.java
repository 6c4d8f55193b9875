package io.takhin.kafka.copy;

import io.takhin.kafka.form.SegmentEncoder;
import io.takhin.kafka.form.Storing;
import io.takhin.kafka.form.Zstd;
import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ChunkChecksums;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import io.takhin.tiered.transfer.ObjectWriter;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;

/**
 * Sends logs in the form in which they are to be stored. What nothing is done to goes from file to
 * socket by the engine, in parallel parts; the others block by block through one of its writers.
 *
 * <p>Any thread; blocks. As many logs are encoded at a time as the engine's memory allows, others
 * wait for their turn.
 */
final class LogSender {
  /** Blocks that are tried before a log is compressed; producers may have done that already. */
  private static final int SAMPLES = 8;

  private final TransferEngine engine;
  private final ObjectVerifier verifier;
  private final Storing storing;
  private final Purpose purpose;

  LogSender(TransferEngine engine, ObjectVerifier verifier, Storing storing, Purpose purpose) {
    this.engine = engine;
    this.verifier = verifier;
    this.storing = storing;
    this.purpose = purpose;
  }

  /**
   * A log that was sent.
   *
   * @param checksums of its chunks, as stored, 4 bytes each, from position to limit
   * @param encoder for its indexes; stays open
   */
  record SentLog(ObjectProof proof, ByteBuffer checksums, SegmentEncoder encoder)
      implements AutoCloseable {
    @Override
    public void close() {
      encoder.close();
    }
  }

  /**
   * Sends a log.
   *
   * @return to be closed by the caller
   */
  SentLog send(RemoteSegmentId segment, Path log, ObjectKey key) throws IOException {
    long sizeBytes = Files.size(log);
    LogForm form = storing.form(sizeBytes, shrinks(log, sizeBytes));
    return form.isPlain()
        ? sendAsItIs(segment, log, sizeBytes, key)
        : sendInBlocks(segment, log, form, key);
  }

  private SentLog sendAsItIs(RemoteSegmentId segment, Path log, long sizeBytes, ObjectKey key)
      throws IOException {
    ChunkChecksums chunks =
        new ChunkChecksums(RemoteIndexes.CHUNK_BYTES, ReadIndex.chunkCount(sizeBytes));
    ObjectProof proof = engine.upload(log, key, PutOptions.BINARY, chunks, purpose);
    ByteBuffer packed = ByteBuffer.allocate(chunks.count() * Integer.BYTES);
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      packed.putInt(chunks.get(chunk));
    }
    LogForm form = LogForm.plain(proof.sizeBytes());
    return new SentLog(proof, packed.flip(), storing.encoder(segment, form));
  }

  private SentLog sendInBlocks(RemoteSegmentId segment, Path log, LogForm form, ObjectKey key)
      throws IOException {
    long sizeBytes = form.plainBytes();
    FileTime modified = Files.getLastModifiedTime(log);
    try (ObjectWriter writer = engine.nextWriter(key, PutOptions.BINARY, purpose);
        FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      SegmentEncoder encoder = storing.encoder(segment, form);
      try {
        ChunkedProof stored = new ChunkedProof();
        byte[] block = new byte[LogForm.BLOCK_BYTES];
        for (int number = 0; number < form.blockCount(); number++) {
          read(log, channel, (long) number * LogForm.BLOCK_BYTES, block, form.plainBytesOf(number));
          ByteBuffer encoded = encoder.encode(block, form.plainBytesOf(number));
          stored.add(encoded);
          writer.write(encoded);
        }
        // Before the object becomes visible.
        if (Files.size(log) != sizeBytes || !Files.getLastModifiedTime(log).equals(modified)) {
          throw new IOException(
              "log changed while it was copied: file=" + log + " expected_bytes=" + sizeBytes);
        }
        ObjectProof proof = stored.proof(key);
        finish(writer, proof);
        return new SentLog(proof, stored.checksums(), encoder);
      } catch (IOException | RuntimeException | Error e) {
        encoder.close();
        throw e;
      }
    }
  }

  /** An unknown outcome is settled by asking what stands there. */
  private void finish(ObjectWriter writer, ObjectProof proof) throws IOException {
    try {
      Object unused = writer.finish();
    } catch (StoreException.Unavailable e) {
      if (!SegmentCopier.hasArrived(verifier, proof, e)) {
        throw e;
      }
    }
  }

  private boolean shrinks(Path log, long sizeBytes) throws IOException {
    if (storing.compressionLevel().isEmpty()) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ);
        Zstd zstd = new Zstd(storing.compressionLevel().getAsInt())) {
      LogForm blocks = new LogForm(sizeBytes, true, false);
      int step = Math.max(1, (blocks.blockCount() + SAMPLES - 1) / SAMPLES);
      byte[] block = new byte[LogForm.BLOCK_BYTES];
      for (int number = 0; number < blocks.blockCount(); number += step) {
        int bytes = blocks.plainBytesOf(number);
        ByteBuffer into = ByteBuffer.wrap(block, 0, bytes);
        long start = (long) number * LogForm.BLOCK_BYTES;
        if (channel.read(into, start) == bytes) {
          zstd.sample(block, bytes);
        }
      }
      return zstd.shrinks();
    }
  }

  private static void read(Path log, FileChannel channel, long startBytes, byte[] block, int bytes)
      throws IOException {
    ByteBuffer into = ByteBuffer.wrap(block, 0, bytes);
    while (into.hasRemaining()) {
      if (channel.read(into, startBytes + into.position()) < 0) {
        throw new EOFException("log became shorter while it was copied: file=" + log);
      }
    }
  }
}
