@NullMarked
package io.takhin.kafka.config;

import org.jspecify.annotations.NullMarked;
