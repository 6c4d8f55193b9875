package io.takhin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.memory.MemoryStore;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The contract catches stores that break it: each is run through the suite, which must fail. */
final class ObjectStoreContractTest {

  @Test
  void catchesAStoreThatLosesWhatItAcknowledged() {
    assertThat(failures(Forgetful.class)).contains("readsBackWhatWasPut", "describesWhatWasPut");
  }

  @Test
  void catchesAStoreThatHandsOverTooLittle() {
    assertThat(failures(Curtailed.class)).contains("readsBackWhatWasPut", "readsARange");
  }

  @Test
  void catchesAStoreThatAltersABit() {
    assertThat(failures(Rotten.class))
        .contains("readsBackWhatWasPut", "joinsTheParts", "readsARangeAcrossParts");
  }

  @Test
  void catchesAStoreThatKeepsWhatItShouldRemove() {
    assertThat(failures(Hoarding.class))
        .contains("removesAnObjectOnceAndForAll", "forgetsAnAbortedUpload")
        .doesNotContain("readsBackWhatWasPut");
  }

  @Test
  void catchesAStoreThatSortsItsFailuresWrongly() {
    assertThat(failures(Missorting.class)).contains("reportsAnObjectThatIsNotThere");
  }

  /** Names of the contract's tests that fail for an adapter. */
  private static Set<String> failures(Class<?> contract) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(contract)).build();
    Set<String> failed = new TreeSet<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                  failed.add(methodName(test));
                }
              }
            });
    return failed;
  }

  /** From a unique id such as {@code …/[test-template:readsARange(int, int)]/[…#1]}. */
  private static String methodName(TestIdentifier test) {
    return test.getUniqueIdObject().getSegments().stream()
        .filter(segment -> segment.getType().matches("method|test-template"))
        .map(segment -> segment.getValue().replaceFirst("\\(.*", ""))
        .findFirst()
        .orElse(test.getDisplayName());
  }

  static final class Forgetful extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
      FaultStore store = new FaultStore(new MemoryStore());
      store.on(StoreOperation.PUT).lie();
      return store;
    }
  }

  static final class Curtailed extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
      FaultStore store = new FaultStore(new MemoryStore());
      store.on(StoreOperation.GET).truncate(99_999);
      return store;
    }
  }

  static final class Rotten extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
      FaultStore store = new FaultStore(new MemoryStore());
      store.on(StoreOperation.GET).flipBit(42);
      return store;
    }
  }

  static final class Hoarding extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
      FaultStore store = new FaultStore(new MemoryStore());
      store.on(StoreOperation.DELETE, StoreOperation.ABORT).lie();
      return store;
    }
  }

  static final class Missorting extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
      FaultStore store = new FaultStore(new MemoryStore());
      store
          .on(StoreOperation.GET)
          .failBefore(message -> new StoreException.Unavailable(message, null));
      return store;
    }
  }
}
