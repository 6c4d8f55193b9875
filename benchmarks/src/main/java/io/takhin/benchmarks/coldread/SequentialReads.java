package io.takhin.benchmarks.coldread;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.Pattern;
import io.takhin.benchmarks.transfer.StoreServed;
import io.takhin.benchmarks.transfer.Together;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.RangedDownloader;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.TransferOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One reader goes through all segments in order, 1 MiB at a time, with an empty cache; in turn with
 * the transfer engine, which downloads the same logs whole, all at once.
 */
final class SequentialReads {
  private static final String PART = "sequential";
  private static final double LEAST_FAR_RATE = 400;
  private static final double LEAST_OF_ENGINE = 0.8;
  private static final double MOST_AMPLIFICATION = 1.05;

  private static final String RATE = "read";
  private static final String ENGINE_RATE = "the engine's download of the same";
  private static final String OF_ENGINE = "read / the engine's download, round by round";
  private static final String AMPLIFICATION = "bytes fetched / served";
  private static final String CPU = "processor time of the read";
  private static final String ENGINE_CPU = "processor time of the engine's download";

  private final Site site;
  private final List<SegmentId> segments;
  private final long segmentBytes;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Defaults.READ_BYTES);

  SequentialReads(Site site, List<SegmentId> segments, long segmentBytes) {
    this.site = site;
    this.segments = segments;
    this.segmentBytes = segmentBytes;
  }

  List<Finding> run(int rounds) throws Exception {
    site.server().delay(0);
    verify();
    once(0, new Samples(PART, 0)); // warms up
    Samples near = new Samples(PART, 0);
    Samples far = new Samples(PART, Defaults.FAR_MILLIS);
    for (int round = 0; round < rounds; round++) {
      once(0, near);
      once(Defaults.FAR_MILLIS, far);
    }
    return List.of(
        near.finding(RATE, "MB/s", Limit.NONE),
        near.finding(ENGINE_RATE, "MB/s", Limit.NONE),
        near.finding(OF_ENGINE, "×", Limit.atLeast(LEAST_OF_ENGINE)),
        near.finding(CPU, "s/GB", Limit.NONE),
        near.finding(ENGINE_CPU, "s/GB", Limit.NONE),
        near.finding(AMPLIFICATION, "", Limit.atMost(MOST_AMPLIFICATION)),
        far.finding(RATE, "MB/s", Limit.atLeast(LEAST_FAR_RATE)),
        far.finding(ENGINE_RATE, "MB/s", Limit.NONE),
        far.finding(AMPLIFICATION, "", Limit.atMost(MOST_AMPLIFICATION)));
  }

  /** A warm-up that also looks at what it reads. */
  private void verify() throws Exception {
    CRC32C read = new CRC32C();
    try (ColdSegments cold = cold()) {
      for (long at = 0; at < segmentBytes; at += Defaults.READ_BYTES) {
        cold.read(segments.get(0), at, buffer);
        read.update(buffer.flip());
      }
    }
    Crc32c expected = Pattern.checksum(segmentBytes);
    if ((int) read.getValue() != expected.value()) {
      throw new IOException(
          "wrong bytes were read: expected=" + expected + " got=" + read.getValue());
    }
  }

  private ColdSegments cold() throws Exception {
    return site.open(2 * totalBytes(), Defaults.READ_AHEAD_BYTES);
  }

  private long totalBytes() {
    return segments.size() * segmentBytes;
  }

  private void once(long delayMillis, Samples into) throws Exception {
    site.server().delay(delayMillis);
    double engineBegan = cpuSeconds();
    double engineRate = download();
    into.add(ENGINE_CPU, (cpuSeconds() - engineBegan) * 1e9 / totalBytes());
    try (ColdSegments cold = cold()) {
      StoreServed before = site.server().served();
      double cpuBegan = cpuSeconds();
      long beganNanos = System.nanoTime();
      for (SegmentId id : segments) {
        for (long at = 0; at < segmentBytes; at += Defaults.READ_BYTES) {
          cold.read(id, at, buffer);
        }
      }
      double rate = rate(beganNanos);
      into.add(CPU, (cpuSeconds() - cpuBegan) * 1e9 / totalBytes());
      into.add(RATE, rate);
      into.add(ENGINE_RATE, engineRate);
      into.add(OF_ENGINE, rate / engineRate);
      long fetched = site.server().served().since(before).bytes();
      into.add(AMPLIFICATION, fetched / (double) totalBytes());
    }
  }

  /** Of this process, without that of the sink. */
  private static double cpuSeconds() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  /** Megabytes per second of the transfer engine. */
  private double download() throws Exception {
    List<ObjectProof> proofs = new ArrayList<>();
    try (ColdSegments cold = site.open(0, 0)) {
      for (SegmentId id : segments) {
        ArchivedFile log = cold.file(id, FileKind.LOG);
        proofs.add(new ObjectProof(log.key(), log.sizeBytes(), log.checksum()));
      }
    }
    Path directory = site.workspace().newDirectory("download-");
    Purpose purpose = Purpose.foreground("benchmark");
    try (TransferEngine engine =
        new TransferEngine(
            site.store(), TransferOptions.DEFAULT, new SimpleMeterRegistry(), Clock.systemUTC())) {
      long beganNanos = System.nanoTime();
      Together.run(
          proofs,
          proof -> {
            Path file = directory.resolve("log-" + proofs.indexOf(proof));
            RangedDownloader.place(engine.fetch(proof, file, purpose), file);
          });
      return rate(beganNanos);
    } finally {
      Workspace.remove(directory);
    }
  }

  private double rate(long beganNanos) {
    return totalBytes() / 1e6 / ((System.nanoTime() - beganNanos) / 1e9);
  }
}
