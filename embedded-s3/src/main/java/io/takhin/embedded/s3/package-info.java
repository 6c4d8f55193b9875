/**
 * An S3 server for trying things out and for tests, started and stopped with the process that wants
 * it: Adobe S3Mock in a child process, so that its Spring, Tomcat and logback stay off the user's
 * class path.
 *
 * <p>It knows no authentication, so it listens on loopback only. Its files survive restarts.
 *
 * <p>Imports nothing but the JDK; talks to {@link io.takhin.embedded.s3.server} by command line,
 * standard input and standard output.
 */
@NullMarked
package io.takhin.embedded.s3;

import org.jspecify.annotations.NullMarked;
