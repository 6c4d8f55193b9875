@NullMarked
package io.takhin.kafka.form;

import org.jspecify.annotations.NullMarked;
