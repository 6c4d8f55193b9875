package io.takhin.tiered.archive;

import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What stands at a manifest's key is not a manifest that this version can read. */
public final class InvalidManifestException extends IOException {
  InvalidManifestException(ObjectKey key, String problem, @Nullable Throwable cause) {
    super("unreadable manifest: key=" + key + " problem=" + problem, cause);
  }
}
