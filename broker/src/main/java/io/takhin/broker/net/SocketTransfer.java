package io.takhin.broker.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import org.apache.kafka.common.network.TransferableChannel;

/** Lets Kafka's responses write to a blocking socket; file slices go by sendfile. */
final class SocketTransfer implements TransferableChannel {
  private final SocketChannel socket;
  private final Runnable progress;

  /**
   * @param progress run after every write that moved bytes
   */
  SocketTransfer(SocketChannel socket, Runnable progress) {
    this.socket = socket;
    this.progress = progress;
  }

  @Override
  public boolean hasPendingWrites() {
    return false;
  }

  @Override
  public long transferFrom(FileChannel file, long position, long count) throws IOException {
    return moved(file.transferTo(position, Math.min(count, Connection.CHUNK_BYTES), socket));
  }

  @Override
  public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return moved(socket.write(buffers, offset, length));
  }

  @Override
  public long write(ByteBuffer[] buffers) throws IOException {
    return moved(socket.write(buffers));
  }

  @Override
  public int write(ByteBuffer buffer) throws IOException {
    return (int) moved(socket.write(buffer));
  }

  private long moved(long bytes) {
    if (bytes > 0) {
      progress.run();
    }
    return bytes;
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
