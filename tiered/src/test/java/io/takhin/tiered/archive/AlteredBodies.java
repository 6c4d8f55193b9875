package io.takhin.tiered.archive;

import io.takhin.tiered.FaultyStore.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Changes what is read on its way.
 *
 * @param altered counts the bodies that were
 */
record AlteredBodies(AtomicInteger altered, UnaryOperator<byte[]> change) implements Fault {
  @Override
  public WritableByteChannel target(String key, WritableByteChannel target) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer body) throws IOException {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        altered.incrementAndGet();
        ByteBuffer other = ByteBuffer.wrap(change.apply(bytes));
        while (other.hasRemaining()) {
          target.write(other);
        }
        return bytes.length;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }
}
