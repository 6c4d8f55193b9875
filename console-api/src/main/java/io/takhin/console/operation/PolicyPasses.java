package io.takhin.console.operation;

import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.stats.PolicyRunDetail;
import io.takhin.tiered.TieredStorageManager;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Policy passes that were asked for, one after the other on a thread of their own: a pass blocks
 * until what it found due has ended. Threads: any.
 */
public final class PolicyPasses implements AutoCloseable {
  private static final int MAX_QUEUED = 4;
  private static final int IDLE_SECONDS = 30;

  private final TieredStorageManager tiered;
  private final ThreadPoolExecutor thread;

  public PolicyPasses(TieredStorageManager tiered) {
    this.tiered = tiered;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED),
            work -> {
              Thread created = new Thread(work, "console-policy-pass");
              created.setDaemon(true);
              return created;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  CompletableFuture<PolicyRunDetail> run() {
    try {
      return CompletableFuture.supplyAsync(this::pass, thread);
    } catch (RejectedExecutionException e) {
      throw ProblemException.of(
          ProblemKind.TOO_MANY_REQUESTS,
          MAX_QUEUED + " policy passes are queued already, or the server is stopping");
    }
  }

  private PolicyRunDetail pass() {
    try {
      return PolicyRunDetail.of(tiered.runPolicy());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.of(ProblemKind.STOPPING, "the pass was broken off by the stop");
    }
  }

  /** Takes no further passes; one that runs ends by itself or with the engine. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
