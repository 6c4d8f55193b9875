package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;

final class S3StoreIT extends ObjectStoreContract {
  @Override
  protected ObjectStore openStore() {
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    return new S3Store(
        S3Options.at(server.endpoint(), server.bucket(), "us-east-1")
            .withKeys(new S3Options.StaticKeys("any", "any")));
  }

  /** S3Mock looks and then writes, so two writers of the same moment may both succeed. */
  @Override
  public boolean createsAtomically() {
    return false;
  }

  /** S3Mock removes the key's object together with the upload. */
  @Override
  public boolean abortSparesStandingObject() {
    return false;
  }
}
