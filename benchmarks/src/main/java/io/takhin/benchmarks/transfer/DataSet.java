package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Contender.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of the same size in a directory of their own.
 *
 * @param name for the table, such as {@code 4 × 256 MiB}
 */
record DataSet(String name, Path directory, int count, long fileBytes) {

  /** Makes the files. */
  static DataSet create(Path parent, int count, long fileMiB) throws IOException {
    String size = fileMiB >= 1024 ? fileMiB / 1024 + " GiB" : fileMiB + " MiB";
    Path directory = Files.createDirectory(parent.resolve("files-" + count + "x" + fileMiB));
    DataSet created = new DataSet(count + " × " + size, directory, count, fileMiB << 20);
    for (Item item : created.items("", directory)) {
      Pattern.write(item.file(), created.fileBytes());
    }
    return created;
  }

  /** As many names of one and the same file. */
  static DataSet links(Path parent, int count, DataSet one) throws IOException {
    Path directory = Files.createDirectory(parent.resolve("links-" + count));
    String name = count + one.name().substring(one.name().indexOf(' '));
    DataSet created = new DataSet(name, directory, count, one.fileBytes());
    for (Item item : created.items("", directory)) {
      Files.createLink(item.file(), one.items("", one.directory()).get(0).file());
    }
    return created;
  }

  long totalBytes() {
    return count * fileBytes;
  }

  /**
   * The files in a directory and their objects.
   *
   * @param prefix ends with a slash, or is empty
   */
  List<Item> items(String prefix, Path where) {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String file = "file-" + i + ".bin";
      items.add(new Item(prefix + file, where.resolve(file)));
    }
    return items;
  }
}
