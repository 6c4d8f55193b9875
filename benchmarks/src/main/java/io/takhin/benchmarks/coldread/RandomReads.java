package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.StoreServed;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Reads of 1 MiB at random positions, one after the other: each in a piece of 2 MiB of its own, so
 * that none finds what another has fetched. Then the same again, when all is in the cache. Between
 * them one plain request of as many bytes, which is what a read is compared with.
 */
final class RandomReads {
  private static final String PART = "random";
  private static final int PIECE_BYTES = 2 << 20;
  private static final int MOST_READS = 1_000;
  private static final int PLAIN_REQUESTS = 100;
  private static final long SEED = 20_261_121;
  private static final double MOST_AMPLIFICATION = 1.25;
  private static final double MOST_REQUESTS = 1.3;
  private static final double MOST_ABOVE_REQUEST_MILLIS = 5;
  private static final double MOST_WARM_MILLIS = 1;

  private static final String COLD = "p50, cold";
  private static final String WARM = "p50, warm";
  private static final String PLAIN = "p50 of one request to the store";
  private static final String ABOVE = "p50, cold, above one request";
  private static final String AMPLIFICATION = "bytes fetched / asked";
  private static final String REQUESTS = "requests per read";

  private final Site site;
  private final List<SegmentId> segments;
  private final long segmentBytes;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Defaults.READ_BYTES);

  private record Place(SegmentId id, long positionBytes) {}

  RandomReads(Site site, List<SegmentId> segments, long segmentBytes) {
    this.site = site;
    this.segments = segments;
    this.segmentBytes = segmentBytes;
  }

  List<Finding> run(int rounds) throws Exception {
    List<Place> places = places();
    Samples near = new Samples(PART, 0);
    Samples far = new Samples(PART, Defaults.FAR_MILLIS);
    once(0, places, new Samples(PART, 0)); // warms up
    for (int round = 0; round < rounds; round++) {
      once(0, places, near);
      once(Defaults.FAR_MILLIS, places, far);
    }
    List<Finding> findings = new ArrayList<>();
    for (Samples samples : List.of(near, far)) {
      findings.add(samples.finding(COLD, "ms", Limit.NONE));
      findings.add(samples.finding(PLAIN, "ms", Limit.NONE));
      findings.add(samples.finding(ABOVE, "ms", Limit.atMost(MOST_ABOVE_REQUEST_MILLIS)));
      findings.add(samples.finding(AMPLIFICATION, "", Limit.atMost(MOST_AMPLIFICATION)));
      findings.add(samples.finding(REQUESTS, "", Limit.atMost(MOST_REQUESTS)));
      findings.add(samples.finding(WARM, "ms", Limit.atMost(MOST_WARM_MILLIS)));
    }
    return findings;
  }

  private List<Place> places() {
    Random random = new Random(SEED);
    List<Place> places = new ArrayList<>();
    for (SegmentId id : segments) {
      for (long piece = 0; piece < segmentBytes; piece += PIECE_BYTES) {
        places.add(new Place(id, piece + random.nextInt(PIECE_BYTES - Defaults.READ_BYTES + 1)));
      }
    }
    Collections.shuffle(places, random);
    return places.subList(0, Math.min(MOST_READS, places.size()));
  }

  private void once(long delayMillis, List<Place> places, Samples into) throws Exception {
    site.server().delay(delayMillis);
    try (ColdSegments cold =
        site.open(2L * segments.size() * segmentBytes, Defaults.READ_AHEAD_BYTES)) {
      StoreServed before = site.server().served();
      double coldMillis = Samples.medianMillis(read(cold, places));
      StoreServed fetched = site.server().served().since(before);
      double asked = (double) places.size() * Defaults.READ_BYTES;
      into.add(COLD, coldMillis);
      into.add(AMPLIFICATION, fetched.bytes() / asked);
      into.add(REQUESTS, fetched.reads() / (double) places.size());
      double plainMillis = Samples.medianMillis(request(cold, places));
      into.add(PLAIN, plainMillis);
      into.add(ABOVE, coldMillis - plainMillis);
      into.add(WARM, Samples.medianMillis(read(cold, places)));
    }
  }

  private long[] read(ColdSegments cold, List<Place> places) throws Exception {
    long[] nanos = new long[places.size()];
    for (int i = 0; i < nanos.length; i++) {
      Place place = places.get(i);
      long began = System.nanoTime();
      cold.read(place.id(), place.positionBytes(), buffer);
      nanos[i] = System.nanoTime() - began;
    }
    return nanos;
  }

  /** Ranged requests to the store, without archiver and cache; what arrives is dropped. */
  private long[] request(ColdSegments cold, List<Place> places) throws Exception {
    long[] nanos = new long[Math.min(PLAIN_REQUESTS, places.size())];
    for (int i = 0; i < nanos.length; i++) {
      Place place = places.get(i);
      ObjectKey key = cold.file(place.id(), FileKind.LOG).key();
      long began = System.nanoTime();
      site.store()
          .read(
              key,
              place.positionBytes(),
              Defaults.READ_BYTES,
              null,
              Channels.newChannel(OutputStream.nullOutputStream()));
      nanos[i] = System.nanoTime() - began;
    }
    return nanos;
  }
}
