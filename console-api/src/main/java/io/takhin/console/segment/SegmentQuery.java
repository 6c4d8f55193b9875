package io.takhin.console.segment;

import io.javalin.http.Context;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.QueryParameters;
import io.takhin.tiered.catalog.SegmentFilter;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which page of which segments a caller asks for.
 *
 * @param after last segment of the previous page; null for the first page
 * @param limit how many at most
 */
record SegmentQuery(SegmentFilter filter, @Nullable SegmentId after, int limit) {
  static final int MAX_LIMIT = 1_000;

  private static final int DEFAULT_LIMIT = 100;
  private static final List<String> TIERS = Arrays.stream(Tier.values()).map(Tier::label).toList();
  private static final List<String> STATES = SegmentState.LABELS;
  private static final Set<String> PARAMETERS =
      Set.of("limit", "after", "topic", "tier", "policy", "state");

  /**
   * Reads the query parameters.
   *
   * @throws ProblemException 400 that names what is allowed
   */
  static SegmentQuery of(Context context) {
    QueryParameters query = QueryParameters.of(context, PARAMETERS);
    Optional<String> tier = query.text("tier");
    Optional<String> policy = query.text("policy");
    if (tier.isPresent() && policy.isPresent() && !tier.equals(policy)) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "tier and policy are the same filter; give one of them");
    }
    SegmentFilter filter =
        new SegmentFilter(
            query.text("topic").map(SegmentQuery::topic).orElse(null),
            tier.or(() -> policy).map(SegmentQuery::tier).orElse(null),
            query.text("state").map(SegmentQuery::state).orElse(null));
    return new SegmentQuery(
        filter,
        query.text("after").map(SegmentQuery::after).orElse(null),
        query.wholeNumber("limit", DEFAULT_LIMIT, MAX_LIMIT));
  }

  private static SegmentId after(String text) {
    try {
      return SegmentId.parse(text);
    } catch (InvalidSegmentPathException e) {
      throw QueryParameters.invalid("after", text, "the 'next' of a previous page");
    }
  }

  private static String topic(String text) {
    try {
      return new PartitionId(text, 0).topic();
    } catch (InvalidSegmentPathException e) {
      throw QueryParameters.invalid("topic", text, QueryParameters.TOPIC_NAMES);
    }
  }

  private static Tier tier(String text) {
    for (Tier tier : Tier.values()) {
      if (tier.label().equals(text)) {
        return tier;
      }
    }
    throw QueryParameters.invalid("tier", text, "one of " + String.join(", ", TIERS));
  }

  private static String state(String text) {
    if (!STATES.contains(text)) {
      throw QueryParameters.invalid("state", text, "one of " + String.join(", ", STATES));
    }
    return text;
  }
}
