package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.s3.S3Options;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** A way to move files that is a library, or a few lines of Java. Used by one thread. */
interface Contender extends AutoCloseable {

  /**
   * A file and its object.
   *
   * @param file read by an upload; made by a download, in a directory that exists
   */
  record Item(String key, Path file) {}

  /** Moves all the files, at the same time if the contender can. */
  void upload(List<Item> items) throws IOException;

  /** Moves all the objects, at the same time if the contender can. */
  void download(List<Item> items) throws IOException;

  @Override
  void close();

  /**
   * The contender of a name. Credentials are those of the environment.
   *
   * @param name one of {@link RawContender#NAMES}, {@link OwnContender#NAME} and {@link
   *     SdkContender#NAMES}
   */
  static Contender of(String name, URI endpoint, String bucket, String region) {
    if (name.equals(OwnContender.NAME)) {
      return new OwnContender(S3Options.at(endpoint, bucket, region));
    }
    return RawContender.NAMES.contains(name)
        ? new RawContender(name, endpoint, bucket)
        : new SdkContender(name, endpoint, bucket, region);
  }
}
