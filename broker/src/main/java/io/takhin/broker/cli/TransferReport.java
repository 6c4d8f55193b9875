package io.takhin.broker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.transfer.bucket.FailedObject;
import io.takhin.tiered.transfer.bucket.PlannedObject;
import io.takhin.tiered.transfer.bucket.TransferPlan;
import io.takhin.tiered.transfer.bucket.TransferProgress;
import io.takhin.tiered.transfer.bucket.TransferSummary;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Tells of a transfer: with a bar that is rewritten in place on a terminal, in a plain line now and
 * then elsewhere, or as one JSON object a line. Used by one thread at a time.
 */
final class TransferReport {
  private static final int BAR_CELLS = 24;
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(250);
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(5);
  private static final Duration JSON_INTERVAL = Duration.ofSeconds(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintWriter out;
  private final Style style;

  /** Who reads it. */
  enum Style {
    TERMINAL,
    PLAIN,
    JSON
  }

  TransferReport(PrintWriter out, Style style) {
    this.out = out;
    this.style = style;
  }

  /** How long to wait between two calls of {@link #progress}. */
  Duration interval() {
    return switch (style) {
      case TERMINAL -> TERMINAL_INTERVAL;
      case PLAIN -> PLAIN_INTERVAL;
      case JSON -> JSON_INTERVAL;
    };
  }

  void starts(String source, String target, String progressFile) {
    if (style == Style.JSON) {
      Map<String, Object> event = event("start");
      event.put("source", source);
      event.put("target", target);
      event.put("progress_file", progressFile);
      print(event);
    } else {
      say("from " + source);
      say("to   " + target);
      say("progress file " + progressFile);
    }
  }

  void progress(TransferProgress now) {
    if (style == Style.JSON) {
      Map<String, Object> event = event("progress");
      event.put("objects_done", now.objectsDone());
      event.put("objects_found", now.objectsFound());
      event.put("objects_skipped", now.objectsSkipped());
      event.put("objects_failed", now.objectsFailed());
      event.put("bytes_done", now.bytesDone());
      event.put("bytes_found", now.bytesFound());
      event.put("all_found", now.allFound());
      event.put("bytes_per_second", now.bytesPerSecond());
      now.eta().ifPresent(eta -> event.put("eta_seconds", eta.toSeconds()));
      event.put("way", now.way());
      print(event);
    } else if (style == Style.TERMINAL) {
      out.print(CLEAR_LINE + bar(now) + " " + line(now));
      out.flush();
    } else {
      say(line(now) + "  (" + now.way() + ")");
    }
  }

  void planned(PlannedObject object) {
    if (style == Style.JSON) {
      Map<String, Object> event = event("planned");
      event.put("source", object.sourceKey());
      event.put("target", object.targetKey());
      event.put("size_bytes", object.sizeBytes());
      event.put("action", object.action().name().toLowerCase(Locale.ROOT));
      print(event);
    } else {
      say(
          String.format(
              Locale.ROOT,
              "%-8s%12s  %s -> %s",
              object.action().name().toLowerCase(Locale.ROOT),
              TextTable.bytes(object.sizeBytes()),
              object.sourceKey(),
              object.targetKey()));
    }
  }

  void plan(TransferPlan plan) {
    if (style == Style.JSON) {
      Map<String, Object> event = event("plan");
      event.put("objects", plan.objects());
      event.put("bytes", plan.bytes());
      event.put("compare_objects", plan.compareObjects());
      event.put("compare_bytes", plan.compareBytes());
      event.put("replace_objects", plan.replaceObjects());
      event.put("refused_objects", plan.refusedObjects());
      event.put("direct", plan.direct());
      print(event);
      return;
    }
    say(
        String.format(
            Locale.ROOT,
            "dry run: %d objects, %s; %d of them (%s) stand at the target in the same size and are"
                + " left alone if the checksums agree; %d would be replaced; %d cannot be carried;"
                + " %s",
            plan.objects(),
            TextTable.bytes(plan.bytes()),
            plan.compareObjects(),
            TextTable.bytes(plan.compareBytes()),
            plan.replaceObjects(),
            plan.refusedObjects(),
            plan.direct() ? "copied inside the store" : "streamed through this machine"));
  }

  void summary(TransferSummary summary) {
    if (style == Style.JSON) {
      summary.failures().forEach(this::failedEvent);
      print(summaryEvent(summary));
      return;
    }
    if (style == Style.TERMINAL) {
      out.print(CLEAR_LINE);
    }
    for (FailedObject failed : summary.failures()) {
      say("FAILED " + failed.key() + ": " + failed.reason());
    }
    say(summary.way());
    new TextTable("", "OBJECTS", "BYTES")
        .row(
            "copied",
            summary.objectsCopied(),
            TextTable.bytes(summary.bytesStreamed() + summary.bytesCopiedInside()))
        .row("  through this machine", "", TextTable.bytes(summary.bytesStreamed()))
        .row("  inside the store", "", TextTable.bytes(summary.bytesCopiedInside()))
        .row("there already", summary.objectsSkipped(), TextTable.bytes(summary.bytesSkipped()))
        .row("failed", summary.objectsFailed(), "")
        .row("saved this machine", "", TextTable.bytes(summary.bytesSaved()))
        .print(out);
    say("verified by " + counts(summary.verified()));
    say("requests    " + counts(summary.requests()));
    if (summary.uploadsAborted() > 0) {
      say("aborted     " + summary.uploadsAborted() + " uploads that an earlier run left");
    }
    say("took        " + time(summary.duration()));
    if (summary.verified().getOrDefault("size", 0L) > 0) {
      say(
          "note: where neither checksums nor ETags can be compared, only the sizes were; see"
              + " 'verified by'");
    }
  }

  private void failedEvent(FailedObject failed) {
    Map<String, Object> event = event("failed");
    event.put("key", failed.key());
    event.put("reason", failed.reason());
    print(event);
  }

  private static Map<String, Object> summaryEvent(TransferSummary summary) {
    Map<String, Object> event = event("summary");
    event.put("complete", summary.complete());
    event.put("objects_copied", summary.objectsCopied());
    event.put("objects_skipped", summary.objectsSkipped());
    event.put("objects_failed", summary.objectsFailed());
    event.put("bytes_streamed", summary.bytesStreamed());
    event.put("bytes_copied_inside", summary.bytesCopiedInside());
    event.put("bytes_skipped", summary.bytesSkipped());
    event.put("bytes_saved", summary.bytesSaved());
    event.put("bytes_downloaded", summary.bytesDownloaded());
    event.put("bytes_uploaded", summary.bytesUploaded());
    event.put("requests", new TreeMap<>(summary.requests()));
    event.put("verified", new TreeMap<>(summary.verified()));
    event.put("uploads_aborted", summary.uploadsAborted());
    event.put("way", summary.way());
    event.put("duration_millis", summary.duration().toMillis());
    return event;
  }

  private static Map<String, Object> event(String name) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", name);
    return event;
  }

  private void print(Map<String, Object> event) {
    try {
      say(JSON.writeValueAsString(event));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("plain values are always writable as JSON", e);
    }
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }

  private static String bar(TransferProgress now) {
    if (!now.allFound()) {
      return "[" + "·".repeat(BAR_CELLS) + "]";
    }
    double part = now.bytesFound() == 0 ? 1 : (double) now.bytesDone() / now.bytesFound();
    int cells = (int) Math.round(Math.min(1, part) * BAR_CELLS);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f%%",
        "#".repeat(cells),
        "·".repeat(BAR_CELLS - cells),
        part * 100);
  }

  private static String line(TransferProgress now) {
    String more = now.allFound() ? "" : "+";
    return String.format(
        Locale.ROOT,
        "%d/%d%s objects  %s/%s%s  %s/s  ETA %s%s",
        now.objectsDone(),
        now.objectsFound(),
        more,
        TextTable.bytes(now.bytesDone()),
        TextTable.bytes(now.bytesFound()),
        more,
        TextTable.bytes(now.bytesPerSecond()),
        now.eta().map(TransferReport::time).orElse("?"),
        now.objectsFailed() == 0 ? "" : "  " + now.objectsFailed() + " FAILED");
  }

  private static String counts(Map<String, Long> counts) {
    return new TreeMap<>(counts)
        .entrySet().stream()
            .filter(count -> count.getValue() > 0)
            .map(count -> count.getKey() + " " + count.getValue())
            .collect(Collectors.joining(", "));
  }

  private static String time(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 60
        ? String.format(Locale.ROOT, "%d.%d s", seconds, duration.toMillisPart() / 100)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
