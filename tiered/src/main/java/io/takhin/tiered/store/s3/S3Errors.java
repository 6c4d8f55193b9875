package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.StoreException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * Sorts what the SDK throws into the kinds of {@link StoreException}, and says what an operator can
 * do. The code of an S3 error is looked at before its status, because servers agree on it better.
 */
final class S3Errors {
  private static final int MULTIPLE_CHOICES = 300;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  /** What {@link #map} is told when an object is to be removed. */
  static final String DELETE = "delete";

  private static final Set<String> CORRUPT =
      Set.of("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch");
  private static final Set<String> TRANSIENT =
      Set.of("SlowDown", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict");
  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("NoSuchBucket", "the bucket does not exist: create it or correct its name"),
          Map.entry(
              "InvalidAccessKeyId", "the credentials are wrong: the server knows no such key"),
          Map.entry("SignatureDoesNotMatch", "the credentials are wrong: check the secret key"),
          Map.entry("ExpiredToken", "the credentials have expired: renew them"),
          Map.entry("TokenRefreshRequired", "the credentials have expired: renew them"),
          Map.entry("InvalidToken", "the session token is wrong: renew the credentials"),
          Map.entry("RequestTimeTooSkewed", "this machine's clock is wrong: set it, best by NTP"),
          Map.entry(
              "AccessDenied",
              "the credentials lack a permission on bucket or key, or Object Lock keeps it"),
          Map.entry("PermanentRedirect", "the bucket is in another region: correct the region"),
          Map.entry(
              "AuthorizationHeaderMalformed",
              "the bucket is in another region: correct the region"),
          Map.entry("BadDigest", "the bytes were altered on the way or on disk"),
          Map.entry("SlowDown", "the store throttles: lower the parallelism"));

  private final String store;

  S3Errors(String store) {
    this.store = store;
  }

  /**
   * @param operation such as {@code put part 3}
   * @param key object key or prefix
   */
  StoreException map(String operation, String key, Throwable failure) {
    AwsServiceException answer = find(failure, AwsServiceException.class);
    return answer == null ? unanswered(operation, key, failure) : refused(operation, key, answer);
  }

  String message(String operation, String key) {
    return store + ": " + operation + " key=" + key;
  }

  /** What the store is called in messages. */
  String store() {
    return store;
  }

  private StoreException refused(String operation, String key, AwsServiceException answer) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    int status = answer.statusCode();
    StringBuilder text = new StringBuilder(message(operation, key));
    text.append(" status=").append(status);
    if (!code.isEmpty()) {
      text.append(" code=").append(code);
    }
    if (details != null && details.errorMessage() != null && !details.errorMessage().isBlank()) {
      text.append(": ").append(details.errorMessage().strip());
    }
    String hint = hint(code, status);
    if (!hint.isEmpty()) {
      text.append(" (").append(hint).append(')');
    }
    // Also the answer to a removal of what is under a retention or a legal hold.
    if (operation.equals(DELETE) && code.equals("AccessDenied")) {
      return new StoreException.Retained(text.toString(), answer);
    }
    return sort(code, status, text.toString(), answer);
  }

  /** What an operator can do, or nothing. */
  private static String hint(String code, int status) {
    String byCode = HINTS.get(code);
    if (byCode != null) {
      return byCode;
    }
    if (status == FORBIDDEN) {
      return "the credentials are wrong, have expired, or lack a permission on bucket or key";
    }
    if (status >= MULTIPLE_CHOICES && status < BAD_REQUEST) {
      return "the bucket is in another region or at another endpoint";
    }
    if (status == BAD_REQUEST && code.isEmpty()) {
      return "the region or the credentials may be wrong; the server gave no reason";
    }
    return status >= SERVER_ERROR ? "the store has a fault of its own; it is tried again" : "";
  }

  private static StoreException sort(
      String code, int status, String text, AwsServiceException answer) {
    if (code.equals("NoSuchBucket")) {
      return new StoreException.Rejected(text, answer);
    }
    // Our header is well formed, so a server that calls it invalid means that it does not agree.
    boolean otherChecksum =
        status == BAD_REQUEST && text.contains("x-amz-checksum-") && text.contains("is invalid");
    if (CORRUPT.contains(code) || status == RANGE_NOT_SATISFIABLE || otherChecksum) {
      return new StoreException.Corrupt(text, answer);
    }
    if (TRANSIENT.contains(code)
        || status >= SERVER_ERROR
        || status == TOO_MANY_REQUESTS
        || status == REQUEST_TIMEOUT
        || status == CONFLICT) {
      return new StoreException.Unavailable(text, answer);
    }
    return switch (status) {
      case NOT_FOUND -> new StoreException.NotFound(text, answer);
      case PRECONDITION_FAILED -> new StoreException.PreconditionFailed(text, answer);
      default -> new StoreException.Rejected(text, answer);
    };
  }

  /**
   * What came without an answer of the server's. The uploading client does not tell by type what
   * went wrong, only in words, and reports some of the server's answers in that way too.
   */
  private StoreException unanswered(String operation, String key, Throwable failure) {
    String words = words(failure);
    String text = message(operation, key) + ": ";
    if (words.contains("unable to load credentials")) {
      return new StoreException.Rejected(
          text
              + "no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile"
              + " or a role",
          failure);
    }
    if (words.contains("requesttimetooskewed")) {
      return new StoreException.Rejected(
          text
              + "status="
              + FORBIDDEN
              + " code=RequestTimeTooSkewed ("
              + HINTS.get("RequestTimeTooSkewed")
              + ")",
          failure);
    }
    if (find(failure, SSLException.class) != null) {
      return new StoreException.Rejected(
          text + "no TLS connection; check the endpoint and its certificate: " + failure, failure);
    }
    return new StoreException.Unavailable(text + whyUnanswered(failure), failure);
  }

  private static String whyUnanswered(Throwable failure) {
    if (find(failure, UnknownHostException.class) != null
        || find(failure, UnresolvedAddressException.class) != null) {
      return "unknown host; check the endpoint, the region and the DNS";
    }
    if (find(failure, NoRouteToHostException.class) != null) {
      return "no route to the host; check the endpoint and the network";
    }
    if (find(failure, ApiCallTimeoutException.class) != null
        || find(failure, ApiCallAttemptTimeoutException.class) != null
        || find(failure, SocketTimeoutException.class) != null
        || find(failure, HttpTimeoutException.class) != null) {
      return "no answer in time; the store or the network is slow or hangs: " + failure;
    }
    if (find(failure, ConnectException.class) != null) {
      return "connection refused; is the store running, and is the endpoint right?";
    }
    return "no usable answer: " + failure;
  }

  private static String words(Throwable failure) {
    StringBuilder words = new StringBuilder();
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      words.append(t.getMessage()).append('\n');
    }
    return words.toString().toLowerCase(Locale.ROOT);
  }

  private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> kind) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return kind.cast(t);
      }
    }
    return null;
  }
}
