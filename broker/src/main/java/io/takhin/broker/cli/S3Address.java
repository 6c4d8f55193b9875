package io.takhin.broker.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket and a prefix in it, as {@code s3://bucket/prefix} names them.
 *
 * @param prefix empty for the whole bucket
 */
record S3Address(String bucket, String prefix) {
  private static final Pattern SYNTAX = Pattern.compile("s3://([^/]+)(?:/(.*))?");

  /**
   * @throws CommandFailure if the text is no such address
   */
  static S3Address parse(String text) {
    Matcher address = SYNTAX.matcher(text);
    if (!address.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE, "expected s3://BUCKET or s3://BUCKET/PREFIX, got '" + text + "'");
    }
    return new S3Address(address.group(1), address.group(2) == null ? "" : address.group(2));
  }
}
