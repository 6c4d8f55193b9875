/**
 * Tests of the whole system, in processes of their own: broker, archiver, console and S3 server.
 */
@NullMarked
package io.takhin.broker.server;

import org.jspecify.annotations.NullMarked;
