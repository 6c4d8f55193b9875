package io.takhin.console.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A JSON object that came as a request body, read whole and within its limit. */
public final class RequestBody {
  private static final JsonNode MISSING = MissingNode.getInstance();

  private final ObjectNode fields;

  private RequestBody(ObjectNode fields) {
    this.fields = fields;
  }

  /**
   * Reads the body; an empty one counts as an object without fields.
   *
   * @param allowed the fields there may be; any other is refused, because a field that is ignored
   *     hides a mistake
   * @throws ProblemException 413 above the limit; 400 if it is not one JSON object or has another
   *     field
   */
  public static RequestBody read(Context context, int maxBytes, Set<String> allowed)
      throws IOException {
    RequestBody body = new RequestBody(parse(readBytes(context, maxBytes)));
    Set<String> unknown = new TreeSet<>();
    for (Iterator<String> names = body.fields.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!allowed.contains(name)) {
        unknown.add(Problem.quote(name));
      }
    }
    if (!unknown.isEmpty()) {
      throw invalid(
          "unknown field "
              + String.join(", ", unknown)
              + "; expected "
              + (allowed.isEmpty() ? "no fields" : "only " + String.join(", ", allowed)));
    }
    return body;
  }

  /**
   * A field that has to be there.
   *
   * @throws ProblemException 400 if it is absent or no string
   */
  public String requiredText(String name) {
    return text(name)
        .orElseThrow(() -> invalid("field '" + name + "' is missing; expected a string"));
  }

  /**
   * A field that may be left out.
   *
   * @throws ProblemException 400 if it is there and no string
   */
  public Optional<String> text(String name) {
    JsonNode value = fields.path(name);
    if (value.equals(MISSING)) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw invalid("field '" + name + "' is not a string; got " + nodeType(value));
    }
    return Optional.of(value.textValue());
  }

  /**
   * A field that is false if it is left out.
   *
   * @throws ProblemException 400 if it is there and neither true nor false
   */
  public boolean flag(String name) {
    JsonNode value = fields.path(name);
    if (!value.equals(MISSING) && !value.isBoolean()) {
      throw invalid("field '" + name + "' is neither true nor false; got " + nodeType(value));
    }
    return value.asBoolean();
  }

  /**
   * A field that may be left out.
   *
   * @throws ProblemException 400 if it is there and no whole number
   */
  public OptionalLong wholeNumber(String name) {
    JsonNode value = fields.path(name);
    if (value.equals(MISSING)) {
      return OptionalLong.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      String actual = value.isNumber() ? value.asText() : nodeType(value);
      throw invalid("field '" + name + "' is not a whole number; got " + actual);
    }
    return OptionalLong.of(value.longValue());
  }

  private static String nodeType(JsonNode value) {
    return value.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static byte[] readBytes(Context context, int maxBytes) throws IOException {
    long announced = context.req().getContentLengthLong();
    if (announced > maxBytes) {
      throw tooLarge(maxBytes, announced + " bytes");
    }
    InputStream in = context.req().getInputStream();
    byte[] bytes = in.readNBytes(maxBytes + 1); // One more tells "full" from "too much".
    if (bytes.length > maxBytes) {
      throw tooLarge(maxBytes, "more");
    }
    return bytes;
  }

  private static ObjectNode parse(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return Json.MAPPER.createObjectNode();
    }
    try {
      JsonNode tree = Json.MAPPER.readTree(bytes);
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw invalid("the body is not a JSON object");
    } catch (JsonProcessingException e) {
      throw invalid("the body is not valid JSON" + at(e.getLocation()));
    }
  }

  private static String at(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : ": line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  private static ProblemException invalid(String detail) {
    return ProblemException.of(ProblemKind.INVALID_REQUEST, detail);
  }

  private static ProblemException tooLarge(int maxBytes, String actual) {
    return ProblemException.of(
            ProblemKind.BODY_TOO_LARGE,
            "expected at most " + maxBytes + " bytes of request body, got " + actual)
        .withHeader("Connection", "close");
  }
}
