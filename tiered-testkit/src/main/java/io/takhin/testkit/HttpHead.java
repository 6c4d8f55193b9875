package io.takhin.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first line and the headers of an HTTP/1.1 message, kept as they came, so that a request's
 * signature still holds after it was passed on.
 */
record HttpHead(String firstLine, List<String> headers) {
  private static final int MAX_BYTES = 64 * 1024;

  /** Reads a head; empty if the peer closed the connection between two messages. */
  static Optional<HttpHead> read(InputStream in) throws IOException {
    String firstLine = readLine(in);
    if (firstLine == null) {
      return Optional.empty();
    }
    List<String> headers = new ArrayList<>();
    int bytes = firstLine.length();
    for (String line = readLine(in); !"".equals(line); line = readLine(in)) {
      if (line == null) {
        throw new EOFException("closed within a head: " + firstLine);
      }
      bytes += line.length();
      if (bytes > MAX_BYTES) {
        throw new IOException("head larger than " + MAX_BYTES + " bytes: " + firstLine);
      }
      headers.add(line);
    }
    return Optional.of(new HttpHead(firstLine, headers));
  }

  void write(OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder(firstLine).append("\r\n");
    headers.forEach(header -> text.append(header).append("\r\n"));
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Of a request. */
  String method() {
    return word(0);
  }

  /** Of a request: path and query, still encoded. */
  String target() {
    return word(1);
  }

  /** Of a response. */
  int status() throws IOException {
    try {
      return Integer.parseInt(word(1));
    } catch (NumberFormatException e) {
      throw new IOException("not the first line of a response: " + firstLine, e);
    }
  }

  Optional<String> header(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    return headers.stream()
        .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
        .map(header -> header.substring(start.length()).strip())
        .findFirst();
  }

  HttpHead without(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    return new HttpHead(
        firstLine,
        headers.stream()
            .filter(header -> !header.toLowerCase(Locale.ROOT).startsWith(start))
            .toList());
  }

  boolean isChunked() {
    return header("transfer-encoding").filter(value -> value.endsWith("chunked")).isPresent();
  }

  boolean closes() {
    return header("connection").filter(value -> value.equalsIgnoreCase("close")).isPresent();
  }

  private String word(int index) {
    String[] words = firstLine.split(" ", 3);
    return index < words.length ? words[index] : "";
  }

  /** A line without its ending; null at the end of the stream. */
  static @Nullable String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        if (line.isEmpty()) {
          return null;
        }
        throw new EOFException("closed within a line: " + line);
      }
      if (line.length() > MAX_BYTES) {
        throw new IOException("line larger than " + MAX_BYTES + " bytes");
      }
      line.append((char) next);
    }
    int length = line.length();
    return length > 0 && line.charAt(length - 1) == '\r'
        ? line.substring(0, length - 1)
        : line.toString();
  }
}
