/**
 * The wiring of one process: configuration → broker, archiver, embedded S3 server and console.
 *
 * <p>The only package that knows all modules. {@link io.takhin.broker.server.TakhinServer} is the
 * whole; {@code BrokerSegments} and {@code ArchiverTiering} are the two sides of the seam between
 * the broker's logs and the archiver.
 */
@NullMarked
package io.takhin.broker.server;

import org.jspecify.annotations.NullMarked;
