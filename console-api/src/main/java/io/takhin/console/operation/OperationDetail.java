package io.takhin.console.operation;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.takhin.console.http.Problem;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation in a REST answer.
 *
 * @param kind {@code archive}, {@code restore}, {@code undelete}, {@code policy_run}, {@code sweep}
 *     or {@code verify}
 * @param segmentPath absent where an operation is not about one segment
 * @param state {@code running}, {@code succeeded} or {@code failed}
 * @param finishedAt absent while it runs
 * @param result what the call that waits is answered with; absent until it succeeded
 * @param problem why it failed; absent otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OperationDetail(
    String operationId,
    String kind,
    @Nullable String segmentPath,
    String state,
    Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Object result,
    @Nullable Problem problem) {}
