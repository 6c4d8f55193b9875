package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.read.CachedRange.Region;
import io.takhin.tiered.segment.FileKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CachedRangeTest {
  private static final int BYTES = 64 << 10;

  @TempDir Path directory;

  /** With the kernel sending the file's pages, the client would receive the new bytes. */
  @Test
  void bytesOnTheirWayDoNotChangeWhenTheirPlaceIsFilledAnew() throws Exception {
    byte[] old = new byte[BYTES];
    Arrays.fill(old, (byte) 1);
    Path slab = Files.write(directory.resolve("slab"), old);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (FileChannel file =
            FileChannel.open(slab, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ServerSocketChannel server = ServerSocketChannel.open().bind(any);
        SocketChannel sender = SocketChannel.open(server.getLocalAddress());
        SocketChannel client = server.accept()) {
      // Given bytes that were sent, and that the client has not taken yet
      int sent = 0;
      try (CachedRange range =
          new CachedRange(FileKind.LOG, 0, List.of(new Region(file, 0, BYTES, true)), () -> {})) {
        while (sent < BYTES) {
          sent += (int) range.transferTo(sent, BYTES - sent, sender);
        }
      }

      // When their place is filled anew
      byte[] other = new byte[BYTES];
      Arrays.fill(other, (byte) 2);
      file.write(ByteBuffer.wrap(other), 0);

      // Then the client receives what was sent
      ByteBuffer received = ByteBuffer.allocate(BYTES);
      while (received.hasRemaining()) {
        assertThat(client.read(received)).isPositive();
      }
      assertThat(received.array()).isEqualTo(old);
    }
  }
}
