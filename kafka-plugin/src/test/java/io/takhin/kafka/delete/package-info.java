@NullMarked
package io.takhin.kafka.delete;

import org.jspecify.annotations.NullMarked;
