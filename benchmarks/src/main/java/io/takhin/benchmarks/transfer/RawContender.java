package io.takhin.benchmarks.transfer;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What the machine can do at most, as far as Java shows it: a connection, a minimal request, and no
 * library. An upload has the kernel send the file and computes no checksum. A download reads ranges
 * into a direct buffer, computes CRC-32C, and writes to its place in a file of full length.
 *
 * <p>For servers that check no signature, which is the sink.
 */
final class RawContender implements Contender {
  /** The limit of uploads: what a kernel sends from a file by itself. */
  static final String ONE = "raw socket, 1 connection";

  /** The limit of downloads. */
  static final String FOUR = "raw sockets, 4 connections";

  static final List<String> NAMES = List.of(ONE, FOUR);
  private static final int BUFFER_BYTES = 1 << 20;

  private final URI endpoint;
  private final String bucket;
  private final int connections;

  RawContender(String name, URI endpoint, String bucket) {
    this.endpoint = endpoint;
    this.bucket = bucket;
    this.connections = name.equals(ONE) ? 1 : 4;
  }

  /** A piece of a file, and the key it has of its own when it is uploaded. */
  private record Piece(Item item, String key, long startBytes, long endBytes) {
    long lengthBytes() {
      return endBytes - startBytes;
    }
  }

  @Override
  public void upload(List<Item> items) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    for (Item item : items) {
      pieces.addAll(pieces(item, item.file().toFile().length(), items.size()));
    }
    Together.run(lanes(pieces), lane -> lane.forEach(this::send));
  }

  @Override
  public void download(List<Item> items) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    for (Item item : items) {
      long sizeBytes = size(item.key());
      try (RandomAccessFile file = new RandomAccessFile(item.file().toFile(), "rw")) {
        file.setLength(sizeBytes);
      }
      pieces.addAll(pieces(item, sizeBytes, items.size()));
    }
    Together.run(lanes(pieces), lane -> lane.forEach(this::receive));
  }

  @Override
  public void close() {}

  /** As many pieces of each file as it takes to keep all connections busy. */
  private List<Piece> pieces(Item item, long sizeBytes, int files) {
    int count = Math.max(1, connections / files);
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = count == 1 ? item.key() : item.key() + "." + i;
      pieces.add(new Piece(item, key, sizeBytes * i / count, sizeBytes * (i + 1) / count));
    }
    return pieces;
  }

  private List<Lane> lanes(List<Piece> pieces) {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < Math.min(connections, pieces.size()); i++) {
      lanes.add(new Lane(new ArrayList<>()));
    }
    for (int i = 0; i < pieces.size(); i++) {
      lanes.get(i % lanes.size()).pieces().add(pieces.get(i));
    }
    return lanes;
  }

  /** What one connection moves, in turn. */
  private record Lane(List<Piece> pieces) {
    void forEach(Together.Work<Piece> work) throws IOException {
      for (Piece piece : pieces) {
        work.run(piece);
      }
    }
  }

  private void send(Piece piece) throws IOException {
    try (SocketChannel socket = connect();
        FileChannel file = FileChannel.open(piece.item().file(), StandardOpenOption.READ)) {
      request(socket, "PUT", piece.key(), "Content-Length: " + piece.lengthBytes());
      long position = piece.startBytes();
      while (position < piece.endBytes()) {
        position += file.transferTo(position, piece.endBytes() - position, socket);
      }
      requireStatus(head(socket, ByteBuffer.allocate(BUFFER_BYTES)), "200");
    }
  }

  private void receive(Piece piece) throws IOException {
    Path target = piece.item().file();
    try (SocketChannel socket = connect();
        FileChannel file = FileChannel.open(target, StandardOpenOption.WRITE)) {
      String range = "Range: bytes=" + piece.startBytes() + "-" + (piece.endBytes() - 1);
      request(socket, "GET", piece.item().key(), range);
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      requireStatus(head(socket, buffer), "206");
      CRC32C checksum = new CRC32C();
      long position = piece.startBytes();
      while (position < piece.endBytes()) {
        if (!buffer.hasRemaining()) {
          fill(socket, buffer.clear());
        }
        checksum.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
          position += file.write(buffer, position);
        }
      }
      if (checksum.getValue() == 0) {
        // Keeps the computation from being optimized away; no piece of the pattern has it.
        throw new IOException("unlikely checksum: key=" + piece.key());
      }
    }
  }

  private long size(String key) throws IOException {
    try (SocketChannel socket = connect()) {
      request(socket, "HEAD", key, "Connection: close");
      for (String line : head(socket, ByteBuffer.allocate(BUFFER_BYTES)).split("\r\n", -1)) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
        }
      }
      throw new IOException("the server tells no size: key=" + key);
    }
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(new InetSocketAddress(endpoint.getHost(), endpoint.getPort()));
  }

  private void request(SocketChannel socket, String method, String key, String header)
      throws IOException {
    String head =
        method
            + " /"
            + bucket
            + "/"
            + key
            + " HTTP/1.1\r\nHost: "
            + endpoint.getAuthority()
            + "\r\n"
            + header
            + "\r\n\r\n";
    ByteBuffer bytes = ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  /** The head of the answer; the buffer holds what was received behind it. */
  private static String head(SocketChannel socket, ByteBuffer buffer) throws IOException {
    StringBuilder head = new StringBuilder();
    buffer.limit(0);
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      if (!buffer.hasRemaining()) {
        fill(socket, buffer.clear());
      }
      head.append((char) buffer.get());
    }
    return head.toString();
  }

  private static void fill(SocketChannel socket, ByteBuffer buffer) throws IOException {
    if (socket.read(buffer) < 0) {
      throw new EOFException("the server ended the connection");
    }
    buffer.flip();
  }

  private static void requireStatus(String head, String expected) throws IOException {
    if (!head.startsWith("HTTP/1.1 " + expected + " ")) {
      throw new IOException("expected status " + expected + ", got " + head.split("\r\n", 2)[0]);
    }
  }
}
