package io.takhin.console.http;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;

/**
 * One call of the console.
 *
 * @param path Javalin's template; {@code <name>} takes slashes, {@code {name}} does not
 */
public record Route(HandlerType method, String path, Handler handler) {
  public static Route get(String path, Handler handler) {
    return new Route(HandlerType.GET, path, handler);
  }

  public static Route put(String path, Handler handler) {
    return new Route(HandlerType.PUT, path, handler);
  }

  public static Route delete(String path, Handler handler) {
    return new Route(HandlerType.DELETE, path, handler);
  }

  public static Route post(String path, Handler handler) {
    return new Route(HandlerType.POST, path, handler);
  }
}
