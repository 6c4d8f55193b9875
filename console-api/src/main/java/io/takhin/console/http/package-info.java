/**
 * Requests and answers: JSON, RFC 9457 problems, size limits and what a browser may do.
 *
 * <p>A leaf: imports the engine for its exceptions, and nothing of the console.
 */
@NullMarked
package io.takhin.console.http;

import org.jspecify.annotations.NullMarked;
