package io.takhin.benchmarks.coldread;

import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A broker in a process of its own. Arguments are overrides of the configuration, {@code key=value}
 * each. Prints {@code ready} and its address, and answers the lines {@code segments TOPIC} by how
 * many the archiver knows, {@code archive TOPIC} by how many of them are then in the bucket only,
 * {@code starts TOPIC} by the first offset of each of them and the end of the last, and {@code
 * heap} by the bytes of the heap that are in use after a collection. Topics have one partition.
 * Ends when standard input does.
 */
final class BrokerMain {
  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      overrides.put(pair[0], pair[1]);
    }
    try (TakhinServer server = TakhinServer.start(TakhinConfig.load(null, Map.of(), overrides));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready " + server.bootstrapServers());
      String line = lines.readLine();
      while (line != null) {
        System.out.println(obey(server.tiers().orElseThrow(), line.split(" ", -1)));
        line = lines.readLine();
      }
    }
  }

  private static String obey(TieredStorageManager tiers, String[] words) throws Exception {
    if (words[0].equals("heap")) {
      return heap();
    }
    List<SegmentMetadata> segments = tiers.segments(new PartitionId(words[1], 0));
    return switch (words[0]) {
      case "segments" -> Integer.toString(segments.size());
      case "archive" -> archive(tiers, segments);
      case "starts" -> starts(segments);
      default -> throw new IllegalArgumentException("unknown: " + words[0]);
    };
  }

  private static String archive(TieredStorageManager tiers, List<SegmentMetadata> segments)
      throws Exception {
    int cold = 0;
    for (SegmentMetadata segment : segments) {
      SegmentMetadata archived = tiers.archive(segment.id(), "benchmark").get();
      cold += archived.state() instanceof SegmentState.RemoteOnly ? 1 : 0;
    }
    return Integer.toString(cold);
  }

  private static String starts(List<SegmentMetadata> segments) {
    long end = segments.get(segments.size() - 1).endOffset();
    return LongStream.concat(
            segments.stream().mapToLong(segment -> segment.id().baseOffset()), LongStream.of(end))
        .mapToObj(Long::toString)
        .collect(Collectors.joining(" "));
  }

  private static String heap() {
    System.gc();
    return Long.toString(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }
}
