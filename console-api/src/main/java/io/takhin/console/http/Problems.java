package io.takhin.console.http;

import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.takhin.tiered.archive.AnotherWriterException;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.HoldConflictException;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.InsufficientSpaceException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.TransferCancelledException;
import java.io.IOException;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what was thrown into a {@link Problem}. Messages of the engine's own exceptions are written
 * for operators and hold no secrets, so they are shown; of anything unforeseen the caller sees only
 * an incident number, and the log has the rest.
 */
public final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
  private static final String RETRY_AFTER_SECONDS = "10";
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int FIRST_SERVER_ERROR = 500;

  private Problems() {}

  /** Answers a request that ended with an exception. */
  public static void answer(Exception failure, Context context) {
    ProblemException problem =
        failure instanceof HttpResponseException refused
            ? ofRouting(refused, context)
            : of(failure);
    context.status(problem.kind().status());
    problem.headers().forEach(context::header);
    Json.write(context, problem.toProblem(context.path()), Problem.MEDIA_TYPE);
  }

  /** The problem that a failure of the engine is to its caller. */
  public static ProblemException of(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    if (failure instanceof ProblemException problem) {
      return problem;
    } else if (failure instanceof InvalidSegmentPathException) {
      return of(ProblemKind.INVALID_SEGMENT_PATH, failure);
    } else if (failure instanceof CatalogException.UnknownSegment unknown) {
      return of(ProblemKind.SEGMENT_UNKNOWN, failure).aboutSegment(unknown.id().path());
    } else if (failure instanceof CatalogException.Conflict conflict) {
      return of(ProblemKind.SEGMENT_BUSY, failure).aboutSegment(conflict.current().id().path());
    } else if (failure instanceof SegmentBusyException busy) {
      return retryLater(ProblemKind.SEGMENT_BUSY, failure).aboutSegment(busy.id().path());
    } else if (failure instanceof HeldException) {
      return of(ProblemKind.HELD, failure);
    } else if (failure instanceof HoldConflictException) {
      return of(ProblemKind.HOLD_CONFLICT, failure);
    } else if (failure instanceof CatalogException.Unwritable) {
      return retryLater(ProblemKind.CATALOG_UNWRITABLE, failure);
    } else if (failure instanceof RejectedExecutionException) {
      return ProblemException.of(ProblemKind.STOPPING, "the server takes no new work", failure);
    } else if (failure instanceof IOException io) {
      return ofIo(io);
    }
    return unforeseen(failure);
  }

  private static ProblemException ofIo(IOException failure) {
    if (failure instanceof StoreException.Unavailable) {
      return retryLater(ProblemKind.STORE_UNAVAILABLE, failure);
    } else if (failure instanceof StoreException.Rejected
        || failure instanceof StoreException.Retained) {
      return of(ProblemKind.STORE_REJECTED, failure);
    } else if (failure instanceof TransferCancelledException) {
      return of(ProblemKind.TRANSFER_CANCELLED, failure);
    } else if (failure instanceof AnotherWriterException) {
      return of(ProblemKind.ANOTHER_WRITER, failure);
    } else if (failure instanceof WriterStoppedException) {
      return of(ProblemKind.WRITER_STOPPED, failure);
    } else if (failure instanceof StoreException
        || failure instanceof ObjectMismatchException
        || failure instanceof InvalidManifestException) {
      return of(ProblemKind.STORE_DAMAGED, failure);
    } else if (failure instanceof InsufficientSpaceException
        || message(failure).contains("No space left on device")) {
      return of(ProblemKind.DISK_FULL, failure);
    }
    return of(ProblemKind.LOCAL_IO, failure);
  }

  private static ProblemException ofRouting(HttpResponseException refused, Context context) {
    String call = context.method() + " " + Problem.quote(context.path());
    if (refused.getStatus() == NOT_FOUND) {
      return ProblemException.of(
          ProblemKind.ROUTE_UNKNOWN, "there is no " + call + "; see /openapi.json");
    } else if (refused.getStatus() == METHOD_NOT_ALLOWED) {
      String allowed = String.join(", ", refused.getDetails().values());
      return ProblemException.of(
              ProblemKind.METHOD_NOT_ALLOWED, "there is no " + call + "; allowed: " + allowed)
          .withHeader("Allow", allowed);
    } else if (refused.getStatus() < FIRST_SERVER_ERROR) {
      return ProblemException.of(ProblemKind.INVALID_REQUEST, message(refused));
    }
    return unforeseen(refused);
  }

  private static ProblemException unforeseen(Throwable failure) {
    String incident = UUID.randomUUID().toString();
    LOG.error("request failed: incident={}", incident, failure);
    return ProblemException.of(
        ProblemKind.INTERNAL, "the server's log has the cause: incident=" + incident, failure);
  }

  private static ProblemException of(ProblemKind kind, Throwable failure) {
    return ProblemException.of(kind, message(failure), failure);
  }

  private static ProblemException retryLater(ProblemKind kind, Throwable failure) {
    return of(kind, failure).withHeader("Retry-After", RETRY_AFTER_SECONDS);
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof CompletionException || failure instanceof ExecutionException) {
      Throwable cause = failure.getCause();
      if (cause == null) {
        break;
      }
      failure = cause;
    }
    return failure;
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName().toLowerCase(Locale.ROOT) : message;
  }
}
