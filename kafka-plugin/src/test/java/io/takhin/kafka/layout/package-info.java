@NullMarked
package io.takhin.kafka.layout;

import org.jspecify.annotations.NullMarked;
