@NullMarked
package io.takhin.kafka.fetch;

import org.jspecify.annotations.NullMarked;
