package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState.Local;
import io.takhin.tiered.catalog.SegmentState.Uploading;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ChunkChecksums;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.SourceChangedException;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a segment into the bucket, in the order that survives a crash at any point: intent
 * durable, files uploaded with the log last, each verified, manifest created, receipt durable.
 *
 * <p>An attempt ends in one of two ways. Either the manifest stands, and then the segment is
 * archived, whatever the caller was told; or it does not, and then the objects go and the segment
 * is local as before. {@link #settle} finds out which, after a failure and after a restart. While
 * the store cannot be asked the segment stays {@code uploading} and readable, and is settled later.
 *
 * <p>Blocks; one call per segment at a time.
 */
public final class Archiver {
  private static final Logger LOG = LoggerFactory.getLogger(Archiver.class);

  /** Data objects of an attempt replace nothing, whoever else writes to the prefix meanwhile. */
  private static final PutOptions NEW = PutOptions.BINARY.createOnly();

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final SegmentObjects objects;
  private final TransferEngine engine;
  private final Clock clock;
  private final WriterEpoch writer;
  private final StepObserver steps;

  public Archiver(
      SegmentCatalog catalog,
      LocalCopies copies,
      SegmentObjects objects,
      TransferEngine engine,
      WriterEpoch writer,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.copies = copies;
    this.objects = objects;
    this.engine = engine;
    this.writer = writer;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Archives a segment that is only here; one that is in the bucket already is left alone.
   *
   * @return the segment with its receipt, or in whatever other state it was found
   */
  Move archive(SegmentId id, String reason) throws IOException, CatalogException {
    SegmentMetadata found = find(id);
    SegmentMetadata segment = settle(id, reason);
    return segment.state() instanceof Local local
        ? new Move(upload(segment, local, reason), true)
        : new Move(segment, found.state() instanceof Uploading);
  }

  /**
   * Ends an attempt that was broken off: takes it as done if its manifest stands, else removes what
   * it left. A segment in another state is left alone.
   */
  SegmentMetadata settle(SegmentId id, String reason) throws IOException, CatalogException {
    SegmentMetadata segment = find(id);
    if (!(segment.state() instanceof Uploading uploading)) {
      return segment;
    }
    UploadIntent intent = uploading.intent();
    Optional<Manifest> manifest = objects.manifest(intent.manifest());
    if (manifest.isEmpty()) {
      objects.removePartials(id);
    } else if (manifest.get().attempt().equals(intent.attempt())) {
      try {
        objects.verify(manifest.get().files());
        return recordReceipt(id, uploading, manifest.get(), reason);
      } catch (ObjectMismatchException e) {
        LOG.warn(
            "committed_segment_incomplete segment={} key={} problem=\"{}\""
                + " action=\"none, it is uploaded again from the local files\"",
            id,
            intent.manifest(),
            e.getMessage());
      }
    }
    return abandon(id, uploading, reason);
  }

  /**
   * Ends an attempt that was broken off by removing whatever lies there of the segment: for one
   * that is to go, and whose manifest cannot be read.
   */
  SegmentMetadata discard(SegmentId id, String reason) throws IOException, CatalogException {
    SegmentMetadata segment = find(id);
    if (!(segment.state() instanceof Uploading uploading)) {
      return segment;
    }
    objects.removeCommitted(id, uploading.intent().manifest());
    return abandon(id, uploading, reason);
  }

  private SegmentMetadata abandon(SegmentId id, Uploading uploading, String reason)
      throws CatalogException {
    return steps.around(
        DurableStep.RECORD_ABANDON,
        id,
        () -> catalog.transition(id, uploading, uploading.abandon(), reason));
  }

  private SegmentMetadata upload(SegmentMetadata segment, Local local, String reason)
      throws IOException, CatalogException {
    SegmentId id = segment.id();
    writer.requireOwner();
    SegmentFiles files = copies.locate(id);
    requireRegisteredSize(segment, files.log());
    ObjectKey manifestKey = objects.keys().manifest(id);
    // Looked for before anything is sent, because that may all be there already.
    Optional<Manifest> standing = objects.manifest(manifestKey);
    String attempt = UUID.randomUUID().toString();
    Uploading uploading = local.begin(new UploadIntent(attempt, manifestKey, clock.millis()));
    steps.around(
        DurableStep.RECORD_INTENT, id, () -> catalog.transition(id, local, uploading, reason));
    Purpose purpose = Purpose.background(reason);
    try {
      Manifest committed =
          standing.isPresent() && complete(standing.get(), manifestKey, files, purpose)
              ? standing.get()
              : commit(segment, attempt, files, purpose);
      return recordReceipt(id, uploading, committed, reason);
    } catch (IOException | CatalogException | RuntimeException e) {
      Optional<SegmentMetadata> archived = settleAfter(id, e);
      if (archived.isPresent()) {
        return archived.get();
      }
      throw e;
    }
  }

  private Manifest commit(
      SegmentMetadata segment, String attempt, SegmentFiles files, Purpose purpose)
      throws IOException, CatalogException {
    List<ArchivedFile> sent;
    try {
      sent = send(files, purpose);
    } catch (StoreException.PreconditionFailed e) {
      // An object of other bytes that no manifest names: left by an attempt whose clean-up did not
      // reach it. Whoever else would write here has stopped, and replaces nothing.
      LOG.info("leftover_found segment={} problem=\"{}\"", segment.id(), e.getMessage());
      objects.removePartials(segment.id());
      sent = send(files, purpose);
    }
    objects.verify(sent);
    writer.requireOwner(); // Sending may have taken an hour.
    return objects.create(Manifest.of(segment, attempt, clock.millis(), sent));
  }

  /**
   * What failed may have succeeded all the same; only what the bucket says counts.
   *
   * @return the segment with its receipt, if so
   */
  private Optional<SegmentMetadata> settleAfter(SegmentId id, Exception failure) {
    try {
      SegmentMetadata settled = settle(id, "attempt failed");
      if (settled.state().receipt().isPresent()) {
        LOG.info("attempt_had_succeeded segment={} failure=\"{}\"", id, failure.toString());
        return Optional.of(settled);
      }
    } catch (IOException | CatalogException | RuntimeException e) {
      failure.addSuppressed(e);
    }
    return Optional.empty();
  }

  private SegmentMetadata recordReceipt(
      SegmentId id, Uploading uploading, Manifest manifest, String reason) throws CatalogException {
    long now = clock.millis();
    SegmentMetadata archived =
        steps.around(
            DurableStep.RECORD_RECEIPT,
            id,
            () ->
                catalog.transition(
                    id,
                    uploading,
                    uploading.commit(manifest.receipt(uploading.intent().manifest(), now)),
                    reason));
    LOG.info(
        "segment_archived segment={} reason=\"{}\" bytes={} millis={}",
        id,
        reason,
        archived.sizeBytes(),
        now - uploading.intent().startedAtMillis());
    return archived;
  }

  private List<ArchivedFile> send(SegmentFiles files, Purpose purpose) throws IOException {
    List<ArchivedFile> sent = new ArrayList<>();
    for (FileKind kind : FileKind.local()) {
      if (kind != FileKind.LOG) {
        send(files, kind, NEW, purpose).ifPresent(sent::add);
      }
    }
    SegmentId id = files.id();
    ObjectKey logKey = objects.keys().file(id, FileKind.LOG);
    int chunkCount = ReadIndex.chunkCount(Files.size(files.log()));
    ChunkChecksums chunks = new ChunkChecksums(ReadIndex.CHUNK_BYTES, chunkCount);
    ObjectProof log =
        steps.around(
            DurableStep.UPLOAD_FILE,
            id,
            () -> engine.upload(files.log(), logKey, NEW, chunks, purpose));
    // After the log, unlike its siblings: its checksums were computed while the log was read.
    sent.add(sendReadIndex(id, ReadIndex.build(files, log.sizeBytes(), chunks::get), NEW));
    sent.add(archived(FileKind.LOG, log));
    return sent;
  }

  private ArchivedFile sendReadIndex(SegmentId id, ByteBuffer readIndex, PutOptions options)
      throws IOException {
    ObjectKey key = objects.keys().file(id, FileKind.READINDEX);
    return archived(
        FileKind.READINDEX,
        steps.around(DurableStep.UPLOAD_FILE, id, () -> objects.putWhole(key, readIndex, options)));
  }

  /** Empty if the segment has no such file. */
  private Optional<ArchivedFile> send(
      SegmentFiles files, FileKind kind, PutOptions options, Purpose purpose) throws IOException {
    SegmentId id = files.id();
    ObjectKey key = objects.keys().file(id, kind);
    if (kind == FileKind.READINDEX) {
      return Optional.of(sendReadIndex(id, ReadIndex.build(files), options));
    }
    Optional<Path> file = files.path(kind);
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(
            archived(
                kind,
                steps.around(
                    DurableStep.UPLOAD_FILE,
                    id,
                    () -> engine.upload(file.get(), key, options, purpose))));
  }

  /**
   * A manifest of this name stands already: left by an attempt whose commit arrived after it was
   * given up, or by one whose objects were lost since. If it describes the local log, it is ours,
   * else somebody else's.
   *
   * <p>The other files do not decide: they follow from the log, and a broker that was stopped
   * uncleanly makes them anew with other bytes. So those that the bucket holds as described stay,
   * and those that it lacks are sent again. Where that is no longer possible, the manifest goes,
   * with all that it names; the local files are here for another attempt.
   *
   * @return whether the manifest stands and the bucket holds what it names; if not, it is gone
   */
  private boolean complete(
      Manifest standing, ObjectKey manifestKey, SegmentFiles files, Purpose purpose)
      throws IOException, CatalogException {
    SegmentId id = files.id();
    ObjectKey logKey = objects.keys().file(id, FileKind.LOG);
    ArchivedFile log = archived(FileKind.LOG, engine.prove(files.log(), logKey, purpose));
    if (!standing.files().contains(log)) {
      throw SegmentObjects.another(standing, manifestKey, List.of(log));
    }
    for (ArchivedFile file : standing.files()) {
      if (!objects.holds(file) && !sendAgain(file, files, purpose)) {
        LOG.warn(
            "manifest_replaced segment={} key={} problem=\"{} is lost, and the local one differs\""
                + " action=\"none, the segment is uploaded anew from the local files\"",
            id,
            manifestKey,
            file.key());
        objects.removeCommitted(id, manifestKey);
        return false;
      }
    }
    objects.verify(standing.files());
    return true;
  }

  /** Returns whether this machine still has the file as described. */
  private boolean sendAgain(ArchivedFile described, SegmentFiles files, Purpose purpose)
      throws IOException {
    // May replace: what the manifest names is lost or damaged, and these bytes are to be it.
    Optional<ArchivedFile> sent = send(files, described.kind(), PutOptions.BINARY, purpose);
    boolean same = sent.equals(Optional.of(described));
    if (described.kind() == FileKind.LOG && !same) {
      throw new SourceChangedException(
          "file changed between two reads: file="
              + files.log()
              + " was="
              + described
              + " is="
              + sent);
    }
    return same;
  }

  private static ArchivedFile archived(FileKind kind, ObjectProof proof) {
    return new ArchivedFile(kind, proof.key(), proof.sizeBytes(), proof.checksum());
  }

  private static void requireRegisteredSize(SegmentMetadata segment, Path log) throws IOException {
    long sizeBytes = Files.size(log);
    if (sizeBytes != segment.sizeBytes()) {
      throw new SourceChangedException(
          "log is not the one that was registered, nothing was sent: file="
              + log
              + " registered_bytes="
              + segment.sizeBytes()
              + " actual_bytes="
              + sizeBytes);
    }
  }

  private SegmentMetadata find(SegmentId id) throws CatalogException.UnknownSegment {
    return catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
  }
}
