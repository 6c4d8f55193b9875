/** The plugin's meters as MBeans, where every broker has a way to look at them. */
@NullMarked
package io.takhin.kafka.jmx;

import org.jspecify.annotations.NullMarked;
