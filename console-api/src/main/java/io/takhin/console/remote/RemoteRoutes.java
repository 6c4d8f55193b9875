package io.takhin.console.remote;

import io.javalin.http.Context;
import io.takhin.console.http.Json;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.QueryParameters;
import io.takhin.console.http.Route;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What is in the bucket, looked up there when somebody asks. Each answer takes a bounded number of
 * requests, and few are looked up at the same time: the store is there for the broker first.
 */
public final class RemoteRoutes {
  private static final String ROOT = "/api/v1/remote";
  private static final String AFTER = "after";
  private static final String TOPIC = "topic";
  private static final String LIMIT = "limit";
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 100;

  /** Each holds a thread of the console while the store answers. */
  private static final int MAX_LISTINGS = 2;

  private static final String RETRY_AFTER_SECONDS = "1";

  private final RemoteStorage storage;
  private final Semaphore listings = new Semaphore(MAX_LISTINGS);

  /** Takes a stretch of the bucket's listing. */
  @FunctionalInterface
  private interface Listing {
    Object take() throws StoreException;
  }

  public RemoteRoutes(RemoteStorage storage) {
    this.storage = storage;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ROOT + "/stats", context -> Json.answer(context, storage.stats())),
        Route.get(ROOT + "/topics", this::listTopics),
        Route.get(ROOT + "/segments", this::listSegments));
  }

  private void listTopics(Context context) throws StoreException {
    QueryParameters query = QueryParameters.of(context, Set.of(AFTER));
    ObjectKey after = after(query);
    answer(context, () -> storage.topics(after));
  }

  private void listSegments(Context context) throws StoreException {
    QueryParameters query = QueryParameters.of(context, Set.of(AFTER, TOPIC, LIMIT));
    ObjectKey after = after(query);
    String topic = query.text(TOPIC).map(RemoteRoutes::topic).orElse(null);
    int limit = query.wholeNumber(LIMIT, DEFAULT_LIMIT, MAX_LIMIT);
    answer(context, () -> storage.segments(topic, after, limit));
  }

  private void answer(Context context, Listing listing) throws StoreException {
    if (!listings.tryAcquire()) {
      throw ProblemException.of(
              ProblemKind.TOO_MANY_REQUESTS,
              "the bucket is being listed for " + MAX_LISTINGS + " others; ask again")
          .withHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    try {
      Json.answer(context, listing.take());
    } finally {
      listings.release();
    }
  }

  private static @Nullable ObjectKey after(QueryParameters query) {
    return query
        .text(AFTER)
        .map(
            text -> {
              if (!ObjectKey.isValid(text)) {
                throw QueryParameters.invalid(AFTER, text, "the 'next' of a previous answer");
              }
              return new ObjectKey(text);
            })
        .orElse(null);
  }

  private static String topic(String text) {
    try {
      return new PartitionId(text, 0).topic();
    } catch (InvalidSegmentPathException e) {
      throw QueryParameters.invalid(TOPIC, text, QueryParameters.TOPIC_NAMES);
    }
  }
}
