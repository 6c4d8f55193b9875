package io.takhin.benchmarks.transfer;

import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.ProxyTraffic;
import io.takhin.testkit.S3Operation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The embedded S3 server and the proxy in front of it; spoken to as {@link Sink} is. The argument
 * is the directory of the server's files. What is served is what the proxy has passed on.
 */
final class ProxiedServer {
  static final String BUCKET = "cold-read";

  /** Where the embedded server's own jars lie. */
  static final String SERVER_DIR = "takhin.embedded.s3.dir";

  private final FaultProxy proxy;
  private @Nullable Fault latency;

  private ProxiedServer(FaultProxy proxy) {
    this.proxy = proxy;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    EmbeddedS3Options options = EmbeddedS3Options.onFreePort(Path.of(args[0]), BUCKET);
    try (EmbeddedS3 server = EmbeddedS3.start(options);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      try (FaultProxy proxy = FaultProxy.start(server.endpoint())) {
        ProxiedServer proxied = new ProxiedServer(proxy);
        System.out.println("ready " + proxy.endpoint().getPort());
        String line = lines.readLine();
        while (line != null) {
          System.out.println(proxied.obey(line));
          line = lines.readLine();
        }
      }
    }
  }

  private String obey(String line) {
    if (line.startsWith("delay ")) {
      delay(Long.parseLong(line.substring("delay ".length())));
      return "done";
    }
    if (!line.equals("traffic")) {
      return "unknown: " + line;
    }
    ProxyTraffic traffic = proxy.traffic();
    return traffic.requests(S3Operation.GET_OBJECT) + " " + traffic.bytesDown();
  }

  private void delay(long millis) {
    if (latency != null) {
      latency.release();
      latency = null;
    }
    if (millis > 0) {
      latency = proxy.on().latency(Duration.ofMillis(millis));
    }
  }
}
