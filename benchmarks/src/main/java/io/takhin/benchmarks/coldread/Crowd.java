package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.StoreServed;
import io.takhin.benchmarks.transfer.Together;
import io.takhin.tiered.read.SegmentIndexes;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/**
 * A hundred readers open the same segment at the same moment, look into its indexes and read it
 * through. All its bytes are served, and come from nowhere else: if the store has sent as many as
 * the objects hold, it has sent each chunk once. Notes of the archiver itself, which it may ask for
 * meanwhile, are far smaller than a chunk.
 */
final class Crowd {
  private static final String PART = "crowd of 100";
  private static final int READERS = 100;
  private static final String FETCHED = "bytes fetched / size of log and read index";
  private static final String AGAIN = "chunks fetched again";
  private static final String REQUESTS = "requests";
  private static final String SECONDS = "until the last is done";

  private final Site site;
  private final SegmentId segment;
  private final long segmentBytes;

  Crowd(Site site, SegmentId segment, long segmentBytes) {
    this.site = site;
    this.segment = segment;
    this.segmentBytes = segmentBytes;
  }

  List<Finding> run(int rounds) throws Exception {
    Samples samples = new Samples(PART, Defaults.FAR_MILLIS);
    site.server().delay(Defaults.FAR_MILLIS);
    for (int round = 0; round < rounds; round++) {
      try (ColdSegments cold = site.open(2 * segmentBytes, Defaults.READ_AHEAD_BYTES)) {
        long size =
            cold.file(segment, FileKind.LOG).sizeBytes()
                + cold.file(segment, FileKind.READINDEX).sizeBytes();
        StoreServed before = site.server().served();
        long beganNanos = System.nanoTime();
        rush(cold);
        samples.add(SECONDS, (System.nanoTime() - beganNanos) / 1e9);
        StoreServed fetched = site.server().served().since(before);
        samples.add(FETCHED, fetched.bytes() / (double) size);
        long again = (fetched.bytes() - size) / ReadIndex.CHUNK_BYTES;
        samples.add(AGAIN, (double) again);
        samples.add(REQUESTS, (double) fetched.reads());
      }
    }
    return List.of(
        samples.finding(FETCHED, "", Limit.NONE),
        samples.finding(AGAIN, "", Limit.atMost(0)),
        samples.finding(REQUESTS, "", Limit.NONE),
        samples.finding(SECONDS, "s", Limit.NONE));
  }

  private void rush(ColdSegments cold) throws IOException {
    CountDownLatch ready = new CountDownLatch(READERS);
    Together.run(
        IntStream.range(0, READERS).boxed().toList(),
        reader -> {
          ready.countDown();
          try {
            ready.await();
            readThrough(cold);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading " + segment);
          }
        });
  }

  private void readThrough(ColdSegments cold) throws IOException, InterruptedException {
    try (SegmentIndexes indexes = cold.tiers().reader(segment).indexes().get()) {
      ByteBuffer buffer = ByteBuffer.allocate(Defaults.READ_BYTES / 4);
      long at = indexes.positionOf(segment.baseOffset());
      while (at < segmentBytes) {
        cold.read(segment, at, buffer);
        at += buffer.capacity();
      }
    } catch (ExecutionException e) {
      throw new IOException("cannot open: segment=" + segment, e.getCause());
    }
  }
}
