@NullMarked
package io.takhin.kafka.jmx;

import org.jspecify.annotations.NullMarked;
