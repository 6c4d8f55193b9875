package io.takhin.tiered.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Notes whose JSON has the fields of a record, named in snake case. All must be there; those of a
 * later version are passed over. Any thread.
 *
 * @param <T> the value
 * @param <D> the record as which it is written
 */
public final class JsonFormat<T, D extends Record> implements Notes.Format<T> {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private final String kind;
  private final Class<D> shape;
  private final Function<T, D> toShape;
  private final Function<D, T> fromShape;

  /**
   * @param fromShape may refuse what no value has, by an {@link IllegalArgumentException}
   */
  JsonFormat(String kind, Class<D> shape, Function<T, D> toShape, Function<D, T> fromShape) {
    this.kind = kind;
    this.shape = shape;
    this.toShape = toShape;
    this.fromShape = fromShape;
  }

  /** Of values that are such records themselves. */
  public static <R extends Record> Notes.Format<R> of(String kind, Class<R> shape) {
    return new JsonFormat<>(kind, shape, Function.identity(), Function.identity());
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public String toJson(T value) {
    try {
      return JSON.writeValueAsString(toShape.apply(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text and numbers cannot be written as JSON", e);
    }
  }

  @Override
  public T parse(String json) {
    try {
      return fromShape.apply(JSON.readValue(json, shape));
    } catch (JsonProcessingException e) {
      throw invalid(json, e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw invalid(json, e.getMessage(), e);
    }
  }

  private IllegalArgumentException invalid(String json, @Nullable String problem, Exception cause) {
    return new IllegalArgumentException(
        "expected a note of the kind " + kind + ", got '" + json + "': " + problem, cause);
  }
}
