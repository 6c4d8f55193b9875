package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.console.http.Problem;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Holds the description against the routes there are and against real answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenApiTest {
  private RunningConsole console;
  private RemoteConsole beside;
  private JsonNode openApi;
  private String archived;
  private String local;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    console = RunningConsole.start(data);
    beside = new RemoteConsole();
    List<String> paths = console.seal("orders", 2);
    archived = paths.get(0);
    local = paths.get(1);
    console.move("archive", archived).expect(200);
    openApi = console.get("/openapi.json").expect(200).json();
  }

  @AfterAll
  void stop() throws Exception {
    beside.close();
    console.close();
  }

  @Test
  void itDescribesExactlyTheRoutesThereAre() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : openApi.path("paths").properties()) {
      path.getValue()
          .fieldNames()
          .forEachRemaining(
              method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
    }
    Set<String> routes = new TreeSet<>();
    Stream.of(console.server, beside.server)
        .flatMap(server -> server.routes().stream())
        .filter(route -> !route.path().equals(TieredCalls.ANY_CALL))
        .map(route -> route.method() + " " + route.path().replace('<', '{').replace('>', '}'))
        .forEach(routes::add);

    assertThat(described).isEqualTo(routes);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    for (JsonNode reference : openApi.findValues("$ref")) {
      String pointer = reference.asText().substring(1);
      assertThat(openApi.at(pointer).isMissingNode()).describedAs(pointer).isFalse();
    }
  }

  @Test
  void realAnswersHaveTheFieldsThatAreDescribed() throws Exception {
    conforms(console.get(API + "/stats").json(), "Stats");
    conforms(console.get(API + "/reads").json(), "Reads");
    console.read(archived);
    conforms(console.get(API + "/reads").json(), "Reads");
    conforms(console.get(API + "/segments").json(), "SegmentListing");
    conforms(console.get(API + "/segments/" + archived).json(), "Segment");
    conforms(console.get(API + "/segments/" + local).json(), "Segment");
    conforms(console.post(API + "/policy/run", "{}").json(), "PolicyRun");
    conforms(console.get(API + "/stats").json(), "Stats");
    conforms(console.get(API + "/sweep").json(), "Sweep");
    conforms(console.post(API + "/sweep?dry_run=true", "{}").json(), "Sweep");
    conforms(console.post(API + "/sweep", "{}").json(), "Sweep");
    conforms(console.get(API + "/sweep").json(), "Sweep");
    conforms(console.get(API + "/transfers").json(), "TransferListing");
    conforms(console.get(API + "/writer").json(), "Writer");
    conforms(console.get(API + "/quarantine").json(), "Quarantine");
    conforms(console.post(API + "/quarantine/retry", "{\"all\":true}").json(), "Retried");
    conforms(console.get(API + "/limits").json(), "Limits");
    conforms(console.get(API + "/disk").json(), "Disk");
    conforms(console.get(API + "/gaps").json(), "GapListing");
    conforms(console.put(API + "/limits", "{\"upload_bytes_per_second\":0}").json(), "Limits");
    conforms(console.get(API + "/verify").json(), "VerifyState");
    conforms(console.post(API + "/verify", "{\"level\":2}").json(), "VerifyReport");
    conforms(console.get(API + "/verify").json(), "VerifyState");
    conforms(console.delete(API + "/transfers/0").json(), "Problem");
    String hold = "{\"topic\":\"other\",\"partition\":0,\"to_offset\":5,\"reason\":\"r\"}";
    conforms(console.put(API + "/holds/h", hold).expect(200).json(), "HoldPlaced");
    conforms(console.get(API + "/holds").json(), "HoldListing");
    conforms(console.delete(API + "/holds/h").expect(200).json(), "Hold");
    conforms(console.delete(API + "/holds/h").expect(404).json(), "Problem");
    conforms(console.get(API + "/deleted").json(), "DeletedListing");
    conforms(
        console.post(API + "/undelete", "{\"topic\":\"none\"}").expect(200).json(), "Undeletion");
    conforms(console.get("/api/v1/console").json(), "Console");
    conforms(console.get("/health/live").json(), "Liveness");
    conforms(console.get("/health/ready").json(), "Readiness");
    conforms(console.get("/nothing").json(), "Problem");
    conforms(console.move("archive", "x").json(), "Problem");
    String body = "{\"segment_path\":\"" + archived + "\"}";
    conforms(console.post(API + "/restore?wait=false", body).json(), "Operation");
    String unknown = "{\"segment_path\":\"nobody-0/00000000000000000000.log\"}";
    Answer failed = console.post(API + "/restore?wait=false", unknown);
    conforms(console.get(failed.header("Location")).json(), "Operation");
  }

  @Test
  void realAnswersBesideABrokerHaveTheFieldsThatAreDescribed() throws Exception {
    conforms(beside.get("/api/v1/console").json(), "Console");
    conforms(beside.get(RemoteConsole.API + "/stats").json(), "RemoteStats");
    conforms(beside.get(RemoteConsole.API + "/topics").json(), "RemoteTopicListing");
    conforms(beside.get(RemoteConsole.API + "/segments").json(), "RemoteSegmentListing");
    conforms(beside.get(API + "/reads").json(), "Reads");
    conforms(beside.get(API + "/transfers").json(), "TransferListing");
    conforms(beside.get(API + "/limits").json(), "Limits");
    conforms(beside.get(API + "/stats").json(), "Problem");
  }

  @Test
  void aTransferUnderWayHasTheFieldsThatAreDescribed() throws Exception {
    console.store.hangOn(StoreOperation.PUT);
    CompletableFuture<Answer> archive = console.moveAsync("archive", local);
    JsonNode listing =
        await()
            .until(
                () -> console.get(API + "/transfers").json(),
                all -> all.path("transfers").size() > 0);
    conforms(listing, "TransferListing");
    console.store.release();
    archive.get(3, TimeUnit.MINUTES).expect(200);
  }

  @Test
  void theProblemHasTheFieldsOfTheRecord() {
    List<String> properties = new ArrayList<>();
    openApi
        .at("/components/schemas/Problem/properties")
        .fieldNames()
        .forEachRemaining(properties::add);

    assertThat(properties).hasSameSizeAs(Problem.class.getRecordComponents());
  }

  @Test
  void theLimitsAreThoseOfTheServer() throws Exception {
    JsonNode limit = openApi.at("/paths/~1api~1v1~1tiered~1segments/get/parameters/0/schema");

    console.get(API + "/segments?limit=" + limit.path("maximum").asInt()).expect(200);
    console.get(API + "/segments?limit=" + (limit.path("maximum").asInt() + 1)).expect(400);
  }

  /** Checks what the description uses of JSON Schema: objects, arrays, enums, types, one-of. */
  private void conforms(JsonNode value, String schema) {
    List<String> violations = new ArrayList<>();
    check(value, openApi.at("/components/schemas/" + schema), schema, violations);
    assertThat(violations).describedAs(value.toString()).isEmpty();
  }

  private void check(JsonNode value, JsonNode schema, String at, List<String> violations) {
    if (schema.has("$ref")) {
      check(value, openApi.at(schema.path("$ref").asText().substring(1)), at, violations);
      return;
    }
    if (schema.has("oneOf")) {
      boolean any = false;
      for (JsonNode option : schema.path("oneOf")) {
        List<String> tried = new ArrayList<>();
        check(value, option, at, tried);
        any |= tried.isEmpty();
      }
      if (!any) {
        violations.add(at + " fits none of " + schema.path("oneOf"));
      }
      return;
    }
    if (schema.has("const") && !schema.path("const").equals(value)) {
      violations.add(at + " is " + value);
    }
    if (schema.has("enum") && !contains(schema.path("enum"), value)) {
      violations.add(at + " is " + value + ", none of " + schema.path("enum"));
    }
    if (schema.has("type") && !hasType(value, schema.path("type"))) {
      violations.add(at + " is " + value + ", no " + schema.path("type"));
    }
    for (JsonNode element : value.isArray() ? value : openApi.path("none")) {
      check(element, schema.path("items"), at + "[]", violations);
    }
    if (value.isObject()) {
      checkFields(value, schema, at, violations);
    }
  }

  private void checkFields(JsonNode value, JsonNode schema, String at, List<String> violations) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asText())) {
        violations.add(at + " lacks " + required.asText());
      }
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode property = schema.path("properties").path(field.getKey());
      if (property.isMissingNode()) {
        property = schema.path("additionalProperties");
      }
      if (!property.isObject()) {
        violations.add(at + "." + field.getKey() + " is not described");
      } else {
        check(field.getValue(), property, at + "." + field.getKey(), violations);
      }
    }
  }

  private static boolean contains(JsonNode options, JsonNode value) {
    for (JsonNode option : options) {
      if (option.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasType(JsonNode value, JsonNode types) {
    if (types.isArray()) {
      for (JsonNode type : types) {
        if (hasType(value, type)) {
          return true;
        }
      }
      return false;
    }
    return switch (types.asText()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> false;
    };
  }
}
