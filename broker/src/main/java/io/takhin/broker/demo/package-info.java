/**
 * The main job, shown: {@link io.takhin.broker.demo.Demo} runs a broker on the embedded S3 server,
 * produces real text, watches it go HOT → WARM → COLD, reads it all back and compares digests.
 */
@NullMarked
package io.takhin.broker.demo;

import org.jspecify.annotations.NullMarked;
