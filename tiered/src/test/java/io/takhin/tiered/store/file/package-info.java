@NullMarked
package io.takhin.tiered.store.file;

import org.jspecify.annotations.NullMarked;
