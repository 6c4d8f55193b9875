package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Options.StaticKeys;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A bucket that contenders move files to and from.
 *
 * @param name for the table
 * @param keys for a server that checks none; empty means those of this process's environment
 */
public record Target(
    String name, URI endpoint, String bucket, String region, Optional<StaticKeys> keys) {
  static final String SINK = "sink";

  /** One that checks no signature, on this machine. */
  public static Target unchecked(String name, URI endpoint, String bucket) {
    StaticKeys any = new StaticKeys("benchmark", "benchmark");
    return new Target(name, endpoint, bucket, "us-east-1", Optional.of(any));
  }

  public S3Options options() {
    S3Options options = S3Options.at(endpoint, bucket, region);
    return keys.map(options::withKeys).orElse(options);
  }

  /** What a child process finds its credentials by. */
  public Map<String, String> environment() {
    return keys.map(
            pair ->
                Map.of(
                    "AWS_ACCESS_KEY_ID", pair.accessKeyId(),
                    "AWS_SECRET_ACCESS_KEY", pair.secretAccessKey(),
                    "AWS_EC2_METADATA_DISABLED", "true",
                    "AWS_CONFIG_FILE", "/dev/null",
                    "AWS_SHARED_CREDENTIALS_FILE", "/dev/null"))
        .orElse(Map.of());
  }
}
