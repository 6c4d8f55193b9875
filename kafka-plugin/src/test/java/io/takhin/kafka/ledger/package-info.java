@NullMarked
package io.takhin.kafka.ledger;

import org.jspecify.annotations.NullMarked;
