/**
 * The web page and the OpenAPI description: fixed resources, read once at the start.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.page;

import org.jspecify.annotations.NullMarked;
