package io.takhin.broker.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Answers requests. Called on connection threads, and may block them. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Answers one request.
   *
   * @param frame the request without its length; the handler's to keep
   * @return nothing when the request wants no answer
   * @throws UnanswerableRequestException when the connection is to be closed
   */
  Optional<Answer> answer(ByteBuffer frame, InetAddress client, String connectionId)
      throws UnanswerableRequestException;
}
