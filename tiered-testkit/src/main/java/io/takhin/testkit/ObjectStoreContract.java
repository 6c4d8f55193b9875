package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Every promise of {@link ObjectStore}, as tests. An adapter's test extends this class and says how
 * to open a store:
 *
 * <pre>{@code
 * final class MemoryStoreTest extends ObjectStoreContract {
 *   @Override
 *   protected ObjectStore openStore() {
 *     return new MemoryStore();
 *   }
 * }
 * }</pre>
 *
 * <p>Each test works under a prefix of its own, so a suite may share one bucket, and removes what
 * it made. The parts it sends are 5 MiB, the least that S3 takes.
 */
public abstract class ObjectStoreContract
    implements WritingContract,
        ReadingContract,
        MultipartContract,
        CopyContract,
        ListingContract,
        InterruptContract {
  private final String prefix = "contract/" + UUID.randomUUID() + "/";
  private @Nullable ObjectStore store;

  protected ObjectStoreContract() {}

  /**
   * Opens the store under test. Called before each test, and once more after it for the cleaning
   * up, because a test may have closed the first one.
   */
  protected abstract ObjectStore openStore() throws Exception;

  /**
   * Override with {@code false} for a server that is known to let several racing writers of a
   * conditional create succeed, as Adobe S3Mock does; the test of it is then reported as skipped.
   */
  @Override
  public boolean createsAtomically() {
    return true;
  }

  /**
   * Override with {@code false} for a server that is known to remove the object standing at a key
   * when an upload to that key is aborted, as Adobe S3Mock does; the test is then reported as
   * skipped. On such a server nothing may be aborted below a key that a manifest names.
   */
  @Override
  public boolean abortSparesStandingObject() {
    return true;
  }

  @BeforeEach
  final void open() throws Exception {
    store = openStore();
  }

  @AfterEach
  final void closeAndCleanUp() throws Exception {
    store().close();
    try (ObjectStore cleaning = openStore()) {
      for (PendingUpload upload : cleaning.pendingUploads(prefix)) {
        cleaning.resumeMultipart(upload).abort();
      }
      for (StoredObject object : cleaning.list(prefix, null, 1000)) {
        cleaning.delete(object.key());
      }
    }
  }

  @Override
  public final ObjectStore store() {
    return Objects.requireNonNull(store, "the store is opened before each test");
  }

  @Override
  public final String prefix() {
    return prefix;
  }
}
