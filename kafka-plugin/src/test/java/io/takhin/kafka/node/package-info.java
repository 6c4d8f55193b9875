/** Real Kafka nodes with the plugin's distribution on their plugin class path. */
@NullMarked
package io.takhin.kafka.node;

import org.jspecify.annotations.NullMarked;
