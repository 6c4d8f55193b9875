package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Options.Part;
import io.takhin.benchmarks.transfer.SinkProcess;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Files;
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
    try (Workspace workspace = Workspace.create(options.directory(), "cold-read");
        SinkProcess sink = SinkProcess.start(workspace.file("sink.log"));
        Site site = Site.create(workspace, sink)) {
      Findings findings = run(options, site);
      System.out.print(findings.text());
      if (options.json().isPresent()) {
        Files.writeString(options.json().get(), findings.json());
      }
    }
  }

  private static Findings run(Options options, Site site) throws Exception {
    Findings findings = new Findings();
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
    if (options.parts().contains(Part.BROKER)) {
      progress("the broker");
      findings.addAll(BrokerTrial.run(site.workspace(), options));
    }
    return findings;
  }

  private static void progress(String step) {
    System.err.println("[benchmark] " + step);
  }
}
