/**
 * What somebody asked for over HTTP: archive, restore, a policy pass. Each is started once, can be
 * waited for, and can be looked up by its id for a while.
 *
 * <p>May import {@code http} and {@code segment}.
 */
@NullMarked
package io.takhin.console.operation;

import org.jspecify.annotations.NullMarked;
