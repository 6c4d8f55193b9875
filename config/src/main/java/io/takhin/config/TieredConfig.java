package io.takhin.config;

import static java.util.Objects.requireNonNull;

/**
 * The archiver.
 *
 * @param enabled whether segments move to S3 at all
 * @param archive when segments leave the local disk
 * @param restore how they come back
 * @param read how they are read without coming back
 * @param transfer how one file travels, in either direction
 * @param s3 where they go
 */
public record TieredConfig(
    boolean enabled,
    ArchiveConfig archive,
    RestoreConfig restore,
    ReadConfig read,
    TransferConfig transfer,
    S3Config s3) {

  public TieredConfig {
    requireNonNull(archive, "archive");
    requireNonNull(restore, "restore");
    requireNonNull(read, "read");
    requireNonNull(transfer, "transfer");
    requireNonNull(s3, "s3");
  }
}
