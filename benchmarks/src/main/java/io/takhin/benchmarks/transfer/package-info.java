/**
 * What moving files to and from a bucket costs: this library, its peers and the machine itself,
 * side by side.
 *
 * <p>{@link io.takhin.benchmarks.transfer.TransferBenchmarks} directs. Every contender runs in a
 * process of its own, so that its processor time and memory are its own: those on the JVM in {@link
 * io.takhin.benchmarks.transfer.ContenderMain}, which stays warm from round to round, the others as
 * their users start them. The far side is {@link io.takhin.benchmarks.transfer.Sink}, a server at
 * memory speed, or a real one.
 */
@NullMarked
package io.takhin.benchmarks.transfer;

import org.jspecify.annotations.NullMarked;
