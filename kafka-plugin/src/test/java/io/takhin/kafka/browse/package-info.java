@NullMarked
package io.takhin.kafka.browse;

import org.jspecify.annotations.NullMarked;
