package io.takhin.benchmarks.coldread;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Clients in a process of their own, so that one kind does not stop for the garbage of another. The
 * argument is the broker's address. Answers the lines
 *
 * <pre>
 *   produce SECONDS                   by the times, see {@link ProduceTimes}
 *   read TOPIC READERS RATE OFFSET…   when all have got some, see {@link BusyReaders}
 *   burn THREADS                      when they have begun, see {@link Burners}
 *   stop                              by the megabytes per second that were read
 * </pre>
 *
 * and ends when standard input does.
 */
final class LoadMain {
  private final BrokerClients clients;
  private @Nullable Load load;

  private LoadMain(BrokerClients clients) {
    this.clients = clients;
  }

  public static void main(String[] args) throws Exception {
    LoadMain main = new LoadMain(new BrokerClients(args[0]));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready");
      String line = lines.readLine();
      while (line != null) {
        System.out.println(main.obey(List.of(line.split(" ", -1))));
        line = lines.readLine();
      }
    }
  }

  private String obey(List<String> words) throws IOException {
    switch (words.get(0)) {
      case "produce" -> {
        return clients.produce(Integer.parseInt(words.get(1))).line();
      }
      case "read" -> {
        List<Long> offsets = words.subList(4, words.size()).stream().map(Long::parseLong).toList();
        int readers = Integer.parseInt(words.get(2));
        long rate = Long.parseLong(words.get(3));
        load = BusyReaders.start(clients, words.get(1), readers, rate, offsets);
        return "started";
      }
      case "burn" -> {
        load = Burners.start(Integer.parseInt(words.get(1)));
        return "started";
      }
      case "stop" -> {
        return stop();
      }
      default -> throw new IllegalArgumentException("unknown: " + words);
    }
  }

  private String stop() throws IOException {
    Load ending = load;
    if (ending == null) {
      throw new IllegalStateException("nothing was started");
    }
    load = null;
    String rate = String.format(Locale.ROOT, "%.2f", ending.megabytesPerSecond());
    ending.close();
    return rate;
  }
}
