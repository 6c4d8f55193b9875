package io.takhin.broker.api;

import io.takhin.broker.net.UnanswerableRequestException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;

/** One kind of request. May block its connection's thread; exceptions become error answers. */
@FunctionalInterface
interface Api<T extends AbstractRequest> {
  Reply answer(RequestContext context, T request)
      throws UnanswerableRequestException, InterruptedException;

  /** For requests whose answer is known at once. */
  @FunctionalInterface
  interface Direct<T extends AbstractRequest> {
    AbstractResponse answer(RequestContext context, T request);
  }

  /** For requests that the group coordinator answers in its own time. */
  @FunctionalInterface
  interface Eventual<T extends AbstractRequest> {
    CompletableFuture<? extends AbstractResponse> answer(RequestContext context, T request);
  }

  static <T extends AbstractRequest> Api<T> direct(Direct<T> api) {
    return (context, request) -> Reply.of(api.answer(context, request));
  }

  static <T extends AbstractRequest> Api<T> eventual(Eventual<T> api) {
    return (context, request) -> {
      try {
        return Reply.of(api.answer(context, request).join());
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw e;
      }
    };
  }
}
