package io.takhin.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Passes one message body on, framed as it came: by length, in chunks, or to the end of the
 * connection.
 */
final class HttpBody {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int HEXADECIMAL = 16;

  private final InputStream in;
  private final OutputStream out;
  private final Gate gate;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long passedBytes;

  HttpBody(InputStream in, OutputStream out, Gate gate) {
    this.in = in;
    this.out = out;
    this.gate = gate;
  }

  /** Payload bytes that have passed, without the framing of chunks. */
  long passedBytes() {
    return passedBytes;
  }

  void relayRequest(HttpHead head) throws IOException {
    if (head.isChunked()) {
      relayChunks();
    } else {
      relayExactly(head.header("content-length").map(Long::parseLong).orElse(0L));
    }
  }

  /** Passes a response on; tells whether the connection can carry another message after it. */
  boolean relayResponse(HttpHead request, HttpHead response) throws IOException {
    int status = response.status();
    if (request.method().equals("HEAD") || status == 204 || status == 304) {
      return !response.closes();
    }
    if (response.isChunked()) {
      relayChunks();
      return !response.closes();
    }
    if (response.header("content-length").isPresent()) {
      relayExactly(Long.parseLong(response.header("content-length").orElseThrow()));
      return !response.closes();
    }
    relayToTheEnd();
    return false;
  }

  private void relayExactly(long lengthBytes) throws IOException {
    for (long rest = lengthBytes; rest > 0; ) {
      int count = in.read(buffer, 0, (int) Math.min(rest, buffer.length));
      if (count < 0) {
        throw new EOFException("body cut short: expected " + rest + " bytes more");
      }
      pass(count);
      rest -= count;
    }
  }

  private void relayChunks() throws IOException {
    long sizeBytes;
    do {
      String size = line();
      int extension = size.indexOf(';');
      sizeBytes =
          Long.parseLong(
              (extension < 0 ? size : size.substring(0, extension)).strip(), HEXADECIMAL);
      writeLine(size);
      relayExactly(sizeBytes);
      if (sizeBytes > 0) {
        writeLine(line());
      }
    } while (sizeBytes > 0);
    String trailer;
    do {
      trailer = line();
      writeLine(trailer);
    } while (!trailer.isEmpty());
  }

  private void relayToTheEnd() throws IOException {
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      pass(count);
    }
  }

  private void pass(int count) throws IOException {
    gate.pass(passedBytes, buffer, count, out);
    passedBytes += count;
  }

  private String line() throws IOException {
    @Nullable String line = HttpHead.readLine(in);
    if (line == null) {
      throw new EOFException("body cut short between chunks");
    }
    return line;
  }

  private void writeLine(String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }
}
