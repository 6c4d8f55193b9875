package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Options.Part;
import io.takhin.benchmarks.transfer.StoreProcess;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** {@code benchmarks/run cold-read}: runs everything and prints one table. */
public final class ColdReadBenchmarks {
  private static final long CROWD_BYTES = 64L << 20;

  private ColdReadBenchmarks() {}

  public static void main(String[] args) throws Exception {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\nexpected " + Options.USAGE);
      System.exit(2);
      return;
    }
    try (Workspace workspace = Workspace.create(options.directory(), "cold-read")) {
      Findings findings = new Findings();
      if (!options.parts().equals(EnumSet.of(Part.BROKER))) {
        try (StoreProcess store = store(options, workspace);
            Site site = Site.create(workspace, store)) {
          direct(options, site, findings);
        }
      }
      if (options.parts().contains(Part.BROKER)) {
        progress("the broker");
        findings.addAll(BrokerTrial.run(workspace, options));
      }
      System.out.print(findings.text());
      if (options.json().isPresent()) {
        Files.writeString(options.json().get(), findings.json());
      }
    }
  }

  private static StoreProcess store(Options options, Workspace workspace) throws IOException {
    Path log = workspace.file("store.log");
    return options.embedded()
        ? StoreProcess.embedded(workspace.newDirectory("s3-"), log)
        : StoreProcess.sink(log);
  }

  /** The parts that read through the library. */
  private static void direct(Options options, Site site, Findings findings) throws Exception {
    progress("archiving the segments");
    List<SegmentId> segments = site.archive("cold", options.segments(), options.segmentBytes());
    if (options.parts().contains(Part.SEQUENTIAL)) {
      progress("sequential");
      findings.addAll(
          new SequentialReads(site, segments, options.segmentBytes()).run(options.rounds()));
    }
    if (options.parts().contains(Part.RANDOM)) {
      progress("random");
      findings.addAll(
          new RandomReads(site, segments, options.segmentBytes()).run(options.rounds()));
    }
    if (options.parts().contains(Part.CROWD)) {
      progress("a crowd");
      SegmentId one = site.archive("crowd", 1, CROWD_BYTES).get(0);
      findings.addAll(new Crowd(site, one, CROWD_BYTES).run(options.rounds()));
    }
    if (options.parts().contains(Part.SCAN)) {
      progress("a scan");
      long hotBytes = Scan.cacheBytes(options.segments() * options.segmentBytes()) / 2;
      SegmentId hot = site.archive(Scan.HOT_TOPIC, 1, hotBytes).get(0);
      findings.addAll(new Scan(site, hot, segments, options.segmentBytes()).run(options.rounds()));
    }
  }

  private static void progress(String step) {
    System.err.println("[benchmark] " + step);
  }
}
