/** Whole stories of the archiver against a real S3 server. */
@NullMarked
package io.takhin.testkit.scenario;

import org.jspecify.annotations.NullMarked;
