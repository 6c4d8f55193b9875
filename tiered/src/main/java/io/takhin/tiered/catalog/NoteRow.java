package io.takhin.tiered.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A note as it lies in the file.
 *
 * @param body JSON; null when the note is to be removed
 */
record NoteRow(String kind, String key, @Nullable String body) {}
