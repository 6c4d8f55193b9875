package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Runner.Direction;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How to call a program that copies directories to and from a bucket.
 *
 * @param url begins the name of a bucket
 * @param common arguments, with words in braces that {@link #command} replaces
 * @param upload arguments behind the common ones
 * @param download arguments behind the common ones
 * @param environment besides the credentials
 * @param notToSink why it cannot be run against the sink; empty if it can
 */
record Tool(
    String name,
    String program,
    String url,
    List<String> common,
    List<String> upload,
    List<String> download,
    Map<String, String> environment,
    Optional<String> notToSink) {
  private static final List<String> COPY = List.of("copy", "{from}", "{to}");
  private static final Map<String, String> RCLONE_ENVIRONMENT =
      Map.of(
          "RCLONE_S3_PROVIDER", "Other",
          "RCLONE_S3_ENV_AUTH", "true",
          "RCLONE_S3_NO_CHECK_BUCKET", "true");
  private static final List<String> RCLONE =
      List.of("--config={empty}", "--s3-endpoint={endpoint}", "--s3-region={region}");

  /** Parts as large and as many at a time as ours, no MD5 beforehand, ranges from 32 MiB on. */
  private static final List<String> RCLONE_TUNED =
      List.of(
          "--s3-disable-checksum",
          "--s3-upload-cutoff=16M",
          "--s3-chunk-size=16M",
          "--s3-upload-concurrency=16",
          "--multi-thread-cutoff=32M",
          "--multi-thread-streams=8",
          "--buffer-size=16M");

  private static final List<String> S3CMD =
      List.of(
          "--config={empty}",
          "--host={host}",
          "--host-bucket={host}",
          "--region={region}",
          "--no-progress",
          "--recursive");

  static final List<Tool> ALL =
      List.of(
          rclone("rclone", RCLONE),
          rclone("rclone, tuned", concatenated(RCLONE, RCLONE_TUNED)),
          new Tool(
              "aws s3 cp",
              "aws",
              "s3://",
              List.of("--endpoint-url={endpoint}", "--region={region}"),
              List.of("s3", "cp", "--recursive", "--only-show-errors", "{from}", "{to}"),
              List.of("s3", "cp", "--recursive", "--only-show-errors", "{from}", "{to}"),
              // The embedded server refuses parts with the checksums that it sends by default.
              Map.of("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"),
              Optional.empty()),
          new Tool(
              "s3cmd",
              "s3cmd",
              "s3://",
              S3CMD,
              List.of("put", "{from}", "{to}"),
              List.of("get", "{from}", "{to}"),
              Map.of(),
              Optional.of("wants MD5 as ETag")));

  private static Tool rclone(String name, List<String> common) {
    return new Tool(
        name, "rclone", ":s3:", common, COPY, COPY, RCLONE_ENVIRONMENT, Optional.empty());
  }

  String url(String bucket, String prefix) {
    return url + bucket + "/" + prefix;
  }

  /**
   * The whole command line.
   *
   * @param words what to put in the place of what
   */
  List<String> command(
      Direction direction, Path executable, URI endpoint, Map<String, String> words) {
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    List<String> own = direction == Direction.UPLOAD ? upload : download;
    for (String argument : concatenated(common, own)) {
      String replaced = argument;
      for (Map.Entry<String, String> word : words.entrySet()) {
        replaced = replaced.replace(word.getKey(), word.getValue());
      }
      command.add(replaced);
    }
    if (program.equals("s3cmd") && endpoint.getScheme().equals("http")) {
      command.add("--no-ssl");
    }
    return command;
  }

  private static List<String> concatenated(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }
}
