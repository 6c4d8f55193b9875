package io.takhin.console.page;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Serves the files of the page and the OpenAPI description, which are part of this jar, and tells
 * the page what it is beside.
 */
public final class PageRoutes {
  private final Beside beside;

  public PageRoutes(Beside beside) {
    this.beside = beside;
  }

  /** The answer of {@code /api/v1/console}. */
  private record Console(String beside) {}

  public List<Route> routes() {
    return List.of(
        Route.get("/api/v1/console", context -> Json.answer(context, new Console(beside.label()))),
        route("/", "index.html", "text/html; charset=utf-8"),
        route("/console.css", "console.css", "text/css; charset=utf-8"),
        route("/console.js", "console.js", "text/javascript; charset=utf-8"),
        route("/icon.svg", "icon.svg", "image/svg+xml"),
        route("/openapi.json", "openapi.json", "application/json"));
  }

  private static Route route(String path, String resource, String mediaType) {
    byte[] bytes = load(resource);
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.wrap(bytes));
    // Changes with the bytes, so that a browser asks again and mostly gets 304.
    String etag = "\"" + Long.toHexString(sum.getValue()) + "\"";
    return Route.get(path, context -> serve(context, bytes, mediaType, etag));
  }

  private static void serve(Context context, byte[] bytes, String mediaType, String etag) {
    context.header("ETag", etag).header("Cache-Control", "no-cache");
    if (etag.equals(context.header("If-None-Match"))) {
      context.status(HttpStatus.NOT_MODIFIED);
    } else {
      context.contentType(mediaType).result(bytes);
    }
  }

  private static byte[] load(String resource) {
    try (InputStream in = PageRoutes.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource is missing from the jar: " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + resource, e);
    }
  }
}
