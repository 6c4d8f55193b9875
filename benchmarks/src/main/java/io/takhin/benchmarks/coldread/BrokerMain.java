package io.takhin.benchmarks.coldread;

import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.SegmentMetadata;
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
 * each. Prints {@code ready} and its address, and answers the lines {@code segments} by how many
 * are only in the bucket and how many there are, {@code starts} by the first offset of each sealed
 * segment of the cold partition and the end of the last, and {@code heap} by the bytes of the heap
 * that are in use after a collection. Ends when standard input does.
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
        System.out.println(
            switch (line) {
              case "heap" -> heap();
              case "starts" -> starts(server);
              default -> segments(server);
            });
        line = lines.readLine();
      }
    }
  }

  private static String segments(TakhinServer server) {
    CatalogStats stats = server.tiers().orElseThrow().stats().catalog();
    return stats.archivedSegments() + " " + stats.segments();
  }

  private static String starts(TakhinServer server) {
    PartitionId cold = new PartitionId(BrokerClients.COLD.topic(), BrokerClients.COLD.partition());
    List<SegmentMetadata> segments = server.tiers().orElseThrow().segments(cold);
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
