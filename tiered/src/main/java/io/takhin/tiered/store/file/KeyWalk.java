package io.takhin.tiered.store.file;

import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Collects keys in key order, one page.
 *
 * <p>A directory sorts by its name with a slash behind it, which gives exactly the order of whole
 * keys: {@code a-b}, {@code a/b}, {@code a0}. Subtrees that end before the page begins, or that
 * cannot match the prefix, are not opened, so a page costs the directories it touches.
 */
final class KeyWalk {
  private final String prefix;
  private final String after;
  private final int maxKeys;
  private final List<ObjectKey> keys = new ArrayList<>();

  private KeyWalk(String prefix, String after, int maxKeys) {
    this.prefix = prefix;
    this.after = after;
    this.maxKeys = maxKeys;
  }

  /**
   * @param after only keys greater than this are returned; empty for all
   */
  static List<ObjectKey> page(Path root, String prefix, String after, int maxKeys)
      throws IOException {
    KeyWalk walk = new KeyWalk(prefix, after, maxKeys);
    walk.descend(root, "");
    return walk.keys;
  }

  private void descend(Path directory, String path) throws IOException {
    for (String name : children(directory)) {
      if (keys.size() == maxKeys) {
        return;
      }
      String child = path + name;
      if (!child.endsWith("/")) {
        if (child.startsWith(prefix) && child.compareTo(after) > 0) {
          keys.add(new ObjectKey(child));
        }
      } else if (mayHold(child)) {
        descend(directory.resolve(name), child);
      }
    }
  }

  /** Whether keys beginning with this path and a slash can be on the page. */
  private boolean mayHold(String subtree) {
    boolean matches = subtree.startsWith(prefix) || prefix.startsWith(subtree);
    return matches && (subtree.compareTo(after) > 0 || after.startsWith(subtree));
  }

  /** Objects by name, directories by name and slash, in key order; nothing of the store's own. */
  private static List<String> children(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (Layout.isSidecar(name)) {
          names.add(Layout.element(name));
        } else if (name.indexOf(Layout.MARK) < 0 && Files.isDirectory(entry)) {
          names.add(name + "/");
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // Removed since its parent was read.
    }
    Collections.sort(names);
    return names;
  }
}
