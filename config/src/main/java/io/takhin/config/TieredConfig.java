package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The archiver.
 *
 * @param enabled whether segments move to S3 at all
 * @param archive when segments leave the local disk
 * @param restore how they come back
 * @param read how they are read without coming back
 * @param transfer how one file travels, in either direction
 * @param disk what is done as the disk fills
 * @param sweep when leftovers are removed from the bucket
 * @param verify how what is archived is verified
 * @param s3 where they go
 * @param deleteDelay how long the objects of what was deleted stay there
 */
public record TieredConfig(
    boolean enabled,
    ArchiveConfig archive,
    RestoreConfig restore,
    ReadConfig read,
    TransferConfig transfer,
    DiskConfig disk,
    SweepConfig sweep,
    VerifyConfig verify,
    S3Config s3,
    Duration deleteDelay) {

  public TieredConfig {
    requireNonNull(archive, "archive");
    requireNonNull(restore, "restore");
    requireNonNull(read, "read");
    requireNonNull(transfer, "transfer");
    requireNonNull(disk, "disk");
    requireNonNull(sweep, "sweep");
    requireNonNull(verify, "verify");
    requireNonNull(s3, "s3");
    requireNonNull(deleteDelay, "deleteDelay");
  }
}
