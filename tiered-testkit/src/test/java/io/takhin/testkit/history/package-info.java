/**
 * Random histories of an archiver: operations, faults and crashes drawn from a seed, run against a
 * model of what must be true.
 */
@NullMarked
package io.takhin.testkit.history;

import org.jspecify.annotations.NullMarked;
