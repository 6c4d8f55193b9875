/**
 * What somebody asked for over HTTP: archive, restore, undelete, a policy pass, a sweep, a
 * verification. Each is started once, can be waited for, and can be looked up by its id for a
 * while.
 *
 * <p>May import {@code http}, {@code segment}, {@code sweep} and {@code verify}.
 */
@NullMarked
package io.takhin.console.operation;

import org.jspecify.annotations.NullMarked;
