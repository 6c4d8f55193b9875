package io.takhin.tiered.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The downloads that broke off because the store was gone and that wait on disk for their next
 * attempt. No more than a few, since nobody may ever ask for them again: the oldest goes first.
 */
final class KeptPartials {
  private static final Logger LOG = LoggerFactory.getLogger(KeptPartials.class);
  private static final int MAX_KEPT = 8;

  @GuardedBy("this")
  private final Set<Path> targets = new LinkedHashSet<>();

  /** One breaks off. */
  synchronized void keep(Path target) {
    targets.add(target);
    for (Iterator<Path> oldest = targets.iterator(); targets.size() > MAX_KEPT; ) {
      Path abandoned = oldest.next();
      oldest.remove();
      try {
        PartialDownload.discard(abandoned);
      } catch (IOException e) {
        LOG.warn(
            "partial_download_left file={} error=\"{}\" action=\"none, it is removed at the next"
                + " start\"",
            abandoned,
            e.toString());
      }
    }
  }

  /** One is taken up again. */
  synchronized void taken(Path target) {
    targets.remove(target);
  }
}
