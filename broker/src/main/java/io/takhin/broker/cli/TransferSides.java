package io.takhin.broker.cli;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the two sides of a transfer are, and who is asked for credentials. */
final class TransferSides {
  private static final String DEFAULT_REGION = "us-east-1";

  @Option(
      names = "--source-endpoint",
      paramLabel = "URL",
      description = "The source's S3 server (default: Amazon's in the region).")
  private @Nullable URI sourceEndpoint;

  @Option(
      names = "--target-endpoint",
      paramLabel = "URL",
      description = "The target's S3 server (default: Amazon's in the region).")
  private @Nullable URI targetEndpoint;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "The S3 server of a side that has no endpoint of its own.")
  private @Nullable URI endpoint;

  @Option(
      names = "--source-region",
      paramLabel = "REGION",
      description = "The source's region (default: AWS_REGION, or us-east-1).")
  private @Nullable String sourceRegion;

  @Option(
      names = "--target-region",
      paramLabel = "REGION",
      description = "The target's region (default: AWS_REGION, or us-east-1).")
  private @Nullable String targetRegion;

  @Option(
      names = "--source-profile",
      paramLabel = "NAME",
      description = "AWS profile for the source's credentials (default: the AWS default chain).")
  private @Nullable String sourceProfile;

  @Option(
      names = "--target-profile",
      paramLabel = "NAME",
      description = "AWS profile for the target's credentials (default: the AWS default chain).")
  private @Nullable String targetProfile;

  @Option(
      names = "--source-path-style",
      negatable = true,
      description = "Bucket in the path (default: yes with an endpoint, no without).")
  private @Nullable Boolean sourcePathStyle;

  @Option(
      names = "--target-path-style",
      negatable = true,
      description = "Bucket in the path (default: yes with an endpoint, no without).")
  private @Nullable Boolean targetPathStyle;

  /** Opens the source, which connects to nothing yet; the caller's to close. */
  ObjectStore source(S3Address address) {
    return open(address, endpoint(sourceEndpoint), sourceRegion, sourceProfile, sourcePathStyle);
  }

  /** Opens the target, which connects to nothing yet; the caller's to close. */
  ObjectStore target(S3Address address) {
    return open(address, endpoint(targetEndpoint), targetRegion, targetProfile, targetPathStyle);
  }

  private static ObjectStore open(
      S3Address address,
      @Nullable URI at,
      @Nullable String region,
      @Nullable String profile,
      @Nullable Boolean pathStyle) {
    try {
      S3Options options = S3Options.onAws(address.bucket(), region == null ? region() : region);
      if (at != null) {
        options = options.withEndpoint(at);
      }
      if (profile != null) {
        options = options.withProfile(profile);
      }
      if (pathStyle != null) {
        options = options.withPathStyle(pathStyle);
      }
      return new S3Store(options);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage() + " in " + address, e);
    }
  }

  private @Nullable URI endpoint(@Nullable URI own) {
    return own == null ? endpoint : own;
  }

  private static String region() {
    return Stream.of("AWS_REGION", "AWS_DEFAULT_REGION")
        .map(name -> Optional.ofNullable(System.getenv(name)))
        .flatMap(Optional::stream)
        .filter(value -> !value.isBlank())
        .findFirst()
        .orElse(DEFAULT_REGION);
  }
}
