package io.takhin.testkit;

import java.util.Locale;

/**
 * What a request asks of an S3 server, told from its method, path and query, in path style ({@code
 * /bucket/key}).
 */
public enum S3Operation {
  PUT_OBJECT,
  COPY_OBJECT,
  CREATE_MULTIPART,
  UPLOAD_PART,
  COPY_PART,
  COMPLETE_MULTIPART,
  ABORT_MULTIPART,
  LIST_PARTS,
  LIST_UPLOADS,
  HEAD_OBJECT,
  GET_OBJECT,
  DELETE_OBJECT,
  DELETE_OBJECTS,
  LIST_OBJECTS,
  HEAD_BUCKET,
  OTHER;

  static S3Operation of(HttpHead request) {
    String method = request.method();
    String target = request.target();
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    int slash = path.indexOf('/', 1);
    boolean object = slash > 0 && slash < path.length() - 1;
    return object ? ofObject(method, query, request) : ofBucket(method, query);
  }

  private static S3Operation ofObject(String method, String query, HttpHead request) {
    boolean upload = hasParameter(query, "uploadId");
    return switch (method.toUpperCase(Locale.ROOT)) {
      case "PUT" -> {
        boolean copy = request.header("x-amz-copy-source").isPresent();
        if (upload) {
          yield copy ? COPY_PART : UPLOAD_PART;
        }
        yield copy ? COPY_OBJECT : PUT_OBJECT;
      }
      case "POST" -> {
        if (upload) {
          yield COMPLETE_MULTIPART;
        }
        yield hasParameter(query, "uploads") ? CREATE_MULTIPART : OTHER;
      }
      case "GET" -> upload ? LIST_PARTS : GET_OBJECT;
      case "HEAD" -> HEAD_OBJECT;
      case "DELETE" -> upload ? ABORT_MULTIPART : DELETE_OBJECT;
      default -> OTHER;
    };
  }

  private static S3Operation ofBucket(String method, String query) {
    return switch (method.toUpperCase(Locale.ROOT)) {
      case "GET" -> hasParameter(query, "uploads") ? LIST_UPLOADS : LIST_OBJECTS;
      case "HEAD" -> HEAD_BUCKET;
      case "POST" -> hasParameter(query, "delete") ? DELETE_OBJECTS : OTHER;
      default -> OTHER;
    };
  }

  private static boolean hasParameter(String query, String name) {
    for (String parameter : query.split("&", -1)) {
      if (parameter.equals(name) || parameter.startsWith(name + "=")) {
        return true;
      }
    }
    return false;
  }
}
