/**
 * The console: REST, health, metrics and one page over a running {@code TieredStorageManager}, or
 * beside a broker with its own record of remote segments ({@code RemoteStorage}).
 *
 * <p>{@link io.takhin.console.ConsoleServer} wires the packages below; each of them owns one noun
 * of the contract and gives its {@link io.takhin.console.http.Route routes}:
 *
 * <pre>
 *   http/       requests and answers: JSON, problems, limits, what browsers may do   (leaf)
 *   segment/    what is known of one segment, why it is where it is, pages of them
 *   operation/  archive, restore, a policy pass: started, waited for, looked up
 *   transfer/   what travels at this moment, and how fast it may
 *   stats/      the sums over all segments
 *   remote/     what is in the bucket of a broker that keeps its own record of it
 *   health/     live and ready
 *   metrics/    /metrics, under the names the contract promises
 *   page/       the web page and the OpenAPI description
 * </pre>
 *
 * The console holds no data of its own but the operations it started, and it never blocks the
 * engine: a caller who goes away leaves what was begun to end by itself.
 */
@NullMarked
package io.takhin.console;

import org.jspecify.annotations.NullMarked;
