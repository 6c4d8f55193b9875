/**
 * The program of the child process: starts S3Mock, and ends when the parent does. Runs on a class
 * path of its own, {@code embedded-s3/*.jar}, and may import S3Mock and Spring; nobody imports it.
 */
@NullMarked
package io.takhin.embedded.s3.server;

import org.jspecify.annotations.NullMarked;
