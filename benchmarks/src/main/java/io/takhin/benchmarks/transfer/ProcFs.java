package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux tells of processes. */
public final class ProcFs {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 everywhere.

  private ProcFs() {}

  /** The most memory that the process has had since {@link #resetPeak}, or since it began. */
  public static long peakRssBytes(long pid) throws IOException {
    return status(pid, "VmHWM:");
  }

  static long rssBytes(long pid) throws IOException {
    return status(pid, "VmRSS:");
  }

  public static void resetPeak(long pid) throws IOException {
    Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
  }

  /** What the process has read so far, from files, sockets and pipes, cached or not. */
  static long readBytes(long pid) throws IOException {
    return number(Files.readAllLines(Path.of("/proc/" + pid + "/io")), "rchar:");
  }

  /**
   * Processor time of those children of this process that have ended, and of theirs. So the
   * difference over the life of one child is its own if no other ends meanwhile.
   */
  static long endedChildrenCpuNanos() throws IOException {
    String[] fields = stat("self");
    return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) * NANOS_PER_TICK;
  }

  /** Processor time of a process that runs, by all of its threads. */
  public static long cpuNanos(long pid) throws IOException {
    String[] fields = stat(Long.toString(pid));
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
  }

  private static String[] stat(String process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process + "/stat"), StandardCharsets.UTF_8);
    // Fields are counted behind the name, which is the second, in parentheses, and may hold blanks.
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static long status(long pid, String name) throws IOException {
    return number(Files.readAllLines(Path.of("/proc/" + pid + "/status")), name) << 10;
  }

  private static long number(List<String> lines, String name) throws IOException {
    for (String line : lines) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replace("kB", "").trim());
      }
    }
    throw new IOException("no line " + name + " in what the system tells of the process");
  }
}
