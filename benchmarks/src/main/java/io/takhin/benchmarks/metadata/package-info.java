/** What the catalog and the policy cost per call, at ten segments and at a million. */
@NullMarked
package io.takhin.benchmarks.metadata;

import org.jspecify.annotations.NullMarked;
