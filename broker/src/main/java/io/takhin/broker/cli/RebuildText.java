package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.takhin.tiered.rebuild.RebuildProblem;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.rebuild.RebuiltPartition;
import java.io.PrintWriter;
import java.util.Locale;

/** What a rebuild found, for people and as JSON. */
record RebuildText(RebuildReport report, boolean dryRun, boolean catalogOnly, double seconds) {
  private static final int MAX_PROBLEMS_SHOWN = 20;

  void print(PrintWriter out) {
    TextTable table = new TextTable("PARTITION", "SEGMENTS", "BYTES", "FROM OFFSET", "NEXT OFFSET");
    for (RebuiltPartition partition : report.partitions()) {
      table.row(
          partition.partition(),
          partition.segments(),
          TextTable.bytes(partition.bytes()),
          partition.startOffset(),
          partition.nextOffset());
    }
    table.print(out);
    out.println();
    report.problems().stream()
        .limit(MAX_PROBLEMS_SHOWN)
        .forEach(
            problem ->
                out.printf(
                    "%s: %s: %s%n", label(problem.kind()), problem.subject(), problem.detail()));
    if (report.problemCount() > MAX_PROBLEMS_SHOWN) {
      out.printf(
          "… and %d more problems, see --json%n", report.problemCount() - MAX_PROBLEMS_SHOWN);
    }
    out.printf(
        Locale.ROOT,
        "%s: %d topics, %d partitions, %d segments, %s; %d problems; %d requests, %.1f s%n",
        dryRun ? "would come back" : "rebuilt",
        report.topics(),
        report.partitions().size(),
        report.segments(),
        TextTable.bytes(report.bytes()),
        report.problemCount(),
        report.requests(),
        seconds);
    if (report.localSegments() > 0) {
      out.printf("left to the local logs: %d segments%n", report.localSegments());
    }
    if (report.deletedSegments() > 0) {
      out.printf(
          "deleted, and kept for a time yet: %d segments; `takhin undelete` brings them back%n",
          report.deletedSegments());
    }
    if (report.uncommittedSegments() > 0) {
      out.printf(
          "without a manifest, not taken: %d segments; `takhin sweep` removes them%n",
          report.uncommittedSegments());
    }
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("dry_run", dryRun);
    json.put("scope", catalogOnly ? "catalog" : "whole");
    json.put("topics", report.topics());
    json.put("segments", report.segments());
    json.put("bytes", report.bytes());
    json.put("local_segments", report.localSegments());
    json.put("deleted_segments", report.deletedSegments());
    json.put("gaps", report.gaps());
    json.put("uncommitted_segments", report.uncommittedSegments());
    json.put("foreign_objects", report.foreignObjects());
    json.put("objects", report.objects());
    json.put("requests", report.requests());
    json.put("seconds", seconds);
    ArrayNode partitions = json.putArray("partitions");
    for (RebuiltPartition partition : report.partitions()) {
      partitions
          .addObject()
          .put("topic", partition.partition().topic())
          .put("partition", partition.partition().partition())
          .put("start_offset", partition.startOffset())
          .put("next_offset", partition.nextOffset())
          .put("segments", partition.segments())
          .put("bytes", partition.bytes());
    }
    ObjectNode counts = json.putObject("problem_counts");
    report.problemCounts().forEach((kind, count) -> counts.put(label(kind), count));
    ArrayNode problems = json.putArray("problems");
    for (RebuildProblem problem : report.problems()) {
      problems
          .addObject()
          .put("kind", label(problem.kind()))
          .put("subject", problem.subject())
          .put("detail", problem.detail());
    }
    return json;
  }

  private static String label(RebuildProblem.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
