package io.takhin.tiered.store.file;

import io.takhin.tiered.store.ObjectKey;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Where things lie below the root.
 *
 * <pre>
 * .~staging/                             files that have no name yet
 * .~uploads/&lt;upload id&gt;/upload.json      a multipart upload that is under way, and its parts
 * topic-0/00000000000000000000.log~meta.json    what the store says of the object: the sidecar
 * topic-0/00000000000000000000.log~&lt;etag&gt;       its bytes, exactly as they were put
 * </pre>
 *
 * An {@link ObjectKey} never holds a tilde and has no element {@code .} or {@code ..}, so its
 * elements are safe as names, our own names never collide with them, and {@code a} and {@code a/b}
 * can be objects at the same time, as in S3.
 */
record Layout(Path root) {
  static final char MARK = '~';
  private static final Pattern UPLOAD_ID = Pattern.compile("[0-9a-f]{32}");
  private static final String SIDECAR = "~meta.json";

  Path staging() {
    return root.resolve(".~staging");
  }

  Path uploads() {
    return root.resolve(".~uploads");
  }

  /**
   * @throws IllegalArgumentException if the id is not one of ours, and so perhaps a path
   */
  Path upload(String uploadId) {
    if (!UPLOAD_ID.matcher(uploadId).matches()) {
      throw new IllegalArgumentException("not an upload id: '" + uploadId + "'");
    }
    return uploads().resolve(uploadId);
  }

  Path sidecar(ObjectKey key) {
    return root.resolve(key.value() + SIDECAR);
  }

  Path data(ObjectKey key, String etag) {
    return root.resolve(key.value() + MARK + etag);
  }

  Path directory(ObjectKey key) {
    int slash = key.value().lastIndexOf('/');
    return slash < 0 ? root : root.resolve(key.value().substring(0, slash));
  }

  static boolean isSidecar(String fileName) {
    return fileName.endsWith(SIDECAR);
  }

  /** The key's last element, from the name of its sidecar. */
  static String element(String sidecarName) {
    return sidecarName.substring(0, sidecarName.length() - SIDECAR.length());
  }
}
