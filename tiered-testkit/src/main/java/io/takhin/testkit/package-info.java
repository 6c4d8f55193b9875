/**
 * What an embedder of the archiver needs to test against: the suite every {@link
 * io.takhin.tiered.store.ObjectStore} has to pass ({@link io.takhin.testkit.ObjectStoreContract}),
 * a store and a proxy that fail on purpose ({@link io.takhin.testkit.FaultStore}, {@link
 * io.takhin.testkit.FaultProxy}), and segments to move ({@link io.takhin.testkit.SegmentFixture}).
 *
 * <p>May import {@code segment}, {@code store} and the embedded server; JUnit and AssertJ are part
 * of its API.
 */
@NullMarked
package io.takhin.testkit;

import org.jspecify.annotations.NullMarked;
