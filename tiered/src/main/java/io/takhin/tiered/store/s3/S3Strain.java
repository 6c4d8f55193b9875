package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.StoreStrain;
import java.util.concurrent.atomic.LongAdder;

/** What the clients of one store count of their own trouble; from any thread. */
final class S3Strain {
  final LongAdder retries = new LongAdder();
  final LongAdder throttled = new LongAdder();
  final LongAdder stalls = new LongAdder();

  StoreStrain soFar() {
    return new StoreStrain(retries.sum(), throttled.sum(), stalls.sum());
  }
}
