/**
 * What the bucket holds of remote segments, looked up in its listing when somebody asks. Nothing
 * that a broker does depends on it.
 */
@NullMarked
package io.takhin.kafka.browse;

import org.jspecify.annotations.NullMarked;
