package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PageTest {
  private RunningConsole console;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    console = RunningConsole.start(data);
  }

  @AfterAll
  void stop() throws Exception {
    console.close();
  }

  @Test
  void thePageNeedsNothingFromElsewhere() throws Exception {
    for (String path : new String[] {"/", "/console.css", "/console.js"}) {
      assertThat(console.get(path).expect(200).text())
          .doesNotContain("http://", "https://", "//cdn");
    }
  }

  @Test
  void whatThePageRefersToIsThere() throws Exception {
    String page = console.get("/").expect(200).text();
    Matcher references = Pattern.compile("(?:src|href)=\"(?!#)([^\"]+)\"").matcher(page);
    int found = 0;
    while (references.find()) {
      String path = references.group(1);
      console.get(path.startsWith("/") ? path : "/" + path).expect(200);
      found++;
    }
    assertThat(found).isGreaterThanOrEqualTo(6);
  }

  @Test
  void theScriptFindsEveryElementItAsksFor() throws Exception {
    String page = console.get("/").text();
    Matcher ids =
        Pattern.compile("byId\\('([a-z-]+)'\\)").matcher(console.get("/console.js").text());
    while (ids.find()) {
      assertThat(page).contains("id=\"" + ids.group(1) + "\"");
    }
  }

  @Test
  void noTwoElementsShareAName() throws Exception {
    Matcher ids = Pattern.compile(" id=\"([^\"]+)\"").matcher(console.get("/").text());

    assertThat(ids.results().map(id -> id.group(1)).toList())
        .contains("reads", "transfers", "rows")
        .doesNotHaveDuplicates();
  }

  @Test
  void nothingOnThePageIsInlineSoThatThePolicyCanForbidIt() throws Exception {
    assertThat(console.get("/").text())
        .doesNotContain("<style", " style=", " onclick=", "javascript:");
    assertThat(console.get("/console.js").text())
        .doesNotContain("innerHTML", "eval(", "insertAdjacentHTML");
  }

  @Test
  void everySectionIsOfSomethingThatAConsoleCanBeBeside() throws Exception {
    Matcher marks = Pattern.compile("data-beside=\"([^\"]+)\"").matcher(console.get("/").text());

    assertThat(marks.results().map(mark -> mark.group(1)).distinct())
        .containsExactlyInAnyOrder("unknown", "archiver", "remote_storage");
  }

  @Test
  void anUnchangedFileIsNotSentAgain() throws Exception {
    String etag = console.get("/console.js").header("ETag");

    Answer again =
        console.send(
            HttpRequest.newBuilder(console.uri("/console.js")).header("If-None-Match", etag));

    assertThat(again.expect(304).text()).isEmpty();
  }
}
