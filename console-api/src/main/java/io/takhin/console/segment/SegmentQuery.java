package io.takhin.console.segment;

import io.javalin.http.Context;
import io.takhin.console.http.Problem;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
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
import java.util.TreeSet;
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
    Set<String> unknown = new TreeSet<>(context.queryParamMap().keySet());
    unknown.removeAll(PARAMETERS);
    if (!unknown.isEmpty()) {
      throw invalid("query parameter", unknown.iterator().next(), sorted(PARAMETERS));
    }
    Optional<String> tier = parameter(context, "tier");
    Optional<String> policy = parameter(context, "policy");
    if (tier.isPresent() && policy.isPresent() && !tier.equals(policy)) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "tier and policy are the same filter; give one of them");
    }
    SegmentFilter filter =
        new SegmentFilter(
            parameter(context, "topic").map(SegmentQuery::topic).orElse(null),
            tier.or(() -> policy).map(SegmentQuery::tier).orElse(null),
            parameter(context, "state").map(SegmentQuery::state).orElse(null));
    return new SegmentQuery(
        filter,
        parameter(context, "after").map(SegmentQuery::after).orElse(null),
        parameter(context, "limit").map(SegmentQuery::limit).orElse(DEFAULT_LIMIT));
  }

  private static Optional<String> parameter(Context context, String name) {
    List<String> values = context.queryParams(name);
    if (values.size() > 1) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "query parameter '" + name + "' is given more than once");
    }
    return values.stream().findFirst();
  }

  private static int limit(String text) {
    if (text.matches("[0-9]{1,4}")) {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    }
    throw invalid("limit", text, "1 to " + MAX_LIMIT);
  }

  private static SegmentId after(String text) {
    try {
      return SegmentId.parse(text);
    } catch (InvalidSegmentPathException e) {
      throw invalid("after", text, "the 'next' of a previous page");
    }
  }

  private static String topic(String text) {
    try {
      return new PartitionId(text, 0).topic();
    } catch (InvalidSegmentPathException e) {
      throw invalid("topic", text, "1 to 249 of [a-zA-Z0-9._-]");
    }
  }

  private static Tier tier(String text) {
    for (Tier tier : Tier.values()) {
      if (tier.label().equals(text)) {
        return tier;
      }
    }
    throw invalid("tier", text, "one of " + String.join(", ", TIERS));
  }

  private static String state(String text) {
    if (!STATES.contains(text)) {
      throw invalid("state", text, "one of " + String.join(", ", STATES));
    }
    return text;
  }

  private static String sorted(Set<String> names) {
    return "one of " + String.join(", ", new TreeSet<>(names));
  }

  private static ProblemException invalid(String name, String actual, String expected) {
    return ProblemException.of(
        ProblemKind.INVALID_REQUEST,
        "invalid " + name + ": expected " + expected + ", got " + Problem.quote(actual));
  }
}
