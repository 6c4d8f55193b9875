package io.takhin.benchmarks.transfer;

import com.sun.management.OperatingSystemMXBean;
import io.takhin.benchmarks.transfer.Contender.Item;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A process in which one contender runs, and stays warm.
 *
 * <p>Arguments are its name, the endpoint, the bucket and the region. Each line of standard input
 * is a task, {@code upload} or {@code download} and then keys and files in turn, all separated by
 * tabs. It is answered by {@code done}, the nanoseconds that passed and those of processor time, or
 * by {@code failed} and the reason. The process ends at once when standard input does, even within
 * a task.
 */
final class ContenderMain {
  private ContenderMain() {}

  public static void main(String[] args) throws Exception {
    LinkedBlockingQueue<String> tasks = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> readTasks(tasks), "tasks");
    reader.setDaemon(true);
    reader.start();
    try (Contender contender = Contender.of(args[0], URI.create(args[1]), args[2], args[3])) {
      System.out.println("ready");
      while (true) {
        System.out.println(run(contender, tasks.take()));
      }
    }
  }

  private static String run(Contender contender, String task) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    String[] words = task.split("\t", -1);
    List<Item> items = new ArrayList<>();
    for (int i = 1; i + 1 < words.length; i += 2) {
      items.add(new Item(words[i], Path.of(words[i + 1])));
    }
    long beganNanos = System.nanoTime();
    long beganCpuNanos = system.getProcessCpuTime();
    try {
      if (words[0].equals("upload")) {
        contender.upload(items);
      } else {
        contender.download(items);
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      e.printStackTrace();
      return "failed\t" + e.toString().replaceAll("\\s+", " ");
    }
    long nanos = System.nanoTime() - beganNanos;
    return "done\t" + nanos + "\t" + (system.getProcessCpuTime() - beganCpuNanos);
  }

  private static void readTasks(LinkedBlockingQueue<String> tasks) {
    try (BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line = input.readLine();
      while (line != null) {
        tasks.put(line);
        line = input.readLine();
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("no more tasks: " + e);
    }
    Runtime.getRuntime().halt(0);
  }
}
