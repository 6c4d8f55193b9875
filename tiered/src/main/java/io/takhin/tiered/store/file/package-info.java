/**
 * {@link io.takhin.tiered.store.ObjectStore} on a directory, {@link
 * io.takhin.tiered.store.file.FileStore}: for a network file system, for a second disk, and for
 * trying things out without a server.
 *
 * <p>May import {@code store}.
 */
@NullMarked
package io.takhin.tiered.store.file;

import org.jspecify.annotations.NullMarked;
