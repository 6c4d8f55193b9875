@NullMarked
package io.takhin.kafka;

import org.jspecify.annotations.NullMarked;
