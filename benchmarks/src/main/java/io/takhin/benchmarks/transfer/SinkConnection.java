package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.SinkObjects.Page;
import io.takhin.benchmarks.transfer.SinkObjects.Stored;
import io.takhin.tiered.store.Crc32c;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;

/** Answers the requests of one connection, one after the other, on one thread. */
final class SinkConnection {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_HEAD_BYTES = 32 << 10;

  /** At a time, so that what a client does not want is not counted as sent. */
  private static final int MAX_SENT_BYTES = 256 << 10;

  private static final int MAX_PAGE = 1_000;
  private static final String CHECKSUM = "x-amz-checksum-crc32c";
  private static final ZonedDateTime BIRTHDAY =
      ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final String HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME.format(BIRTHDAY);
  private static final String XML_DATE = DateTimeFormatter.ISO_INSTANT.format(BIRTHDAY);

  private final SocketChannel channel;
  private final SinkObjects objects;
  private final SinkTraffic traffic;

  /** What was received and not yet looked at. */
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

  SinkConnection(SocketChannel channel, SinkObjects objects, SinkTraffic traffic) {
    this.channel = channel;
    this.objects = objects;
    this.traffic = traffic;
  }

  /** Returns when the client has closed the connection between two requests. */
  void serve() throws IOException {
    while (true) {
      Optional<String> text = readHead();
      if (text.isEmpty()) {
        return;
      }
      RequestHead head = RequestHead.parse(text.get());
      long beganNanos = System.nanoTime();
      traffic.request();
      if (head.header("expect").isPresent()) {
        send("HTTP/1.1 100 Continue\r\n\r\n");
      }
      Optional<ByteBuffer> content = body(head);
      traffic.awaitDelay();
      answer(head, content);
      boolean isPut = head.method().equals("PUT");
      if (isPut || head.method().equals("POST")) {
        traffic.taken(isPut ? head.contentBytes() : 0, beganNanos);
      }
    }
  }

  private void answer(RequestHead head, Optional<ByteBuffer> content) throws IOException {
    switch (head.method()) {
      case "PUT" -> put(head, content);
      case "POST" -> post(head);
      case "DELETE" -> delete(head);
      case "GET" -> {
        if (!head.key().isEmpty()) {
          object(head, true);
        } else if (head.asks("uploads")) {
          listUploads(head);
        } else if (head.asks("location")) {
          reply(200, "", "<LocationConstraint>us-east-1</LocationConstraint>");
        } else {
          list(head);
        }
      }
      case "HEAD" -> {
        if (head.key().isEmpty()) {
          reply(200, "", "");
        } else {
          object(head, false);
        }
      }
      default -> refuse(501, "NotImplemented", head);
    }
  }

  private void put(RequestHead head, Optional<ByteBuffer> content) throws IOException {
    Optional<Crc32c> checksum = head.header(CHECKSUM).map(Crc32c::parseBase64);
    if (head.key().isEmpty()) {
      reply(200, "", ""); // The bucket is there already.
    } else if (head.asks("uploadId")) {
      int number = Integer.parseInt(head.query("partNumber", "0"));
      Optional<String> etag =
          objects.addPart(head.query("uploadId", ""), number, head.contentBytes(), content);
      if (etag.isPresent()) {
        reply(200, "ETag: " + etag.get() + "\r\n" + checksumHeader(checksum), "");
      } else {
        refuse(404, "NoSuchUpload", head);
      }
    } else {
      Optional<Stored> stored = objects.put(head.key(), head.contentBytes(), checksum, content);
      if (stored.isPresent()) {
        reply(200, "ETag: " + stored.get().etag() + "\r\n" + checksumHeader(checksum), "");
      } else {
        refuse(507, "InsufficientStorage", head);
      }
    }
  }

  private void post(RequestHead head) throws IOException {
    if (head.asks("uploads")) {
      Optional<String> id = objects.begin(head.key());
      if (id.isPresent()) {
        reply(
            200,
            "",
            "<InitiateMultipartUploadResult>"
                + names(head)
                + "<UploadId>"
                + id.get()
                + "</UploadId></InitiateMultipartUploadResult>");
      } else {
        refuse(503, "SlowDown", head);
      }
    } else if (head.asks("uploadId")) {
      Optional<Crc32c> checksum = head.header(CHECKSUM).map(Crc32c::parseBase64);
      Optional<Stored> stored = objects.complete(head.query("uploadId", ""), checksum);
      if (stored.isPresent()) {
        reply(
            200,
            "",
            "<CompleteMultipartUploadResult>"
                + names(head)
                + "<ETag>"
                + stored.get().etag()
                + "</ETag>"
                + checksum
                    .map(
                        c ->
                            "<ChecksumCRC32C>"
                                + c.base64()
                                + "</ChecksumCRC32C><ChecksumType>FULL_OBJECT</ChecksumType>")
                    .orElse("")
                + "</CompleteMultipartUploadResult>");
      } else {
        refuse(404, "NoSuchUpload", head);
      }
    } else {
      refuse(501, "NotImplemented", head);
    }
  }

  private void delete(RequestHead head) throws IOException {
    if (!head.asks("uploadId")) {
      objects.delete(head.key());
      reply(204, "", "");
    } else if (objects.abort(head.query("uploadId", ""))) {
      reply(204, "", "");
    } else {
      refuse(404, "NoSuchUpload", head);
    }
  }

  /** GET and HEAD of an object, whole or a range of it. */
  private void object(RequestHead head, boolean withBody) throws IOException {
    Optional<Stored> found = objects.find(head.key());
    if (found.isEmpty()) {
      refuse(404, "NoSuchKey", head);
      return;
    }
    Stored object = found.get();
    boolean changed =
        head.header("if-match").filter(etag -> !etag.equals(object.etag())).isPresent();
    if (changed) {
      refuse(412, "PreconditionFailed", head);
      return;
    }
    if (withBody && !object.isServed()) {
      refuse(409, "ContentNotKept", head);
      return;
    }
    Optional<String> range = head.header("range");
    String[] bounds = range.orElse("bytes=0-").substring("bytes=".length()).split("-", -1);
    long start = Long.parseLong(bounds[0]);
    long end = object.sizeBytes();
    end = bounds[1].isEmpty() ? end : Math.min(end, Long.parseLong(bounds[1]) + 1);
    boolean ranged = range.isPresent();
    if (ranged && start >= end) {
      refuse(416, "InvalidRange", head);
      return;
    }
    // The checksum is that of the whole object, so it does not go with a range.
    String extra =
        ranged
            ? "Content-Range: bytes " + start + "-" + (end - 1) + "/" + object.sizeBytes() + "\r\n"
            : checksumHeader(object.checksum());
    send(
        "HTTP/1.1 "
            + (ranged ? "206 Partial Content" : "200 OK")
            + "\r\nAccept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\nLast-Modified: "
            + HTTP_DATE
            + "\r\nETag: "
            + object.etag()
            + "\r\n"
            + extra
            + "Content-Length: "
            + (end - start)
            + "\r\n\r\n");
    if (withBody) {
      traffic.read();
    }
    while (withBody && start < end) {
      ByteBuffer bytes = object.at(start, Math.min(MAX_SENT_BYTES, end - start));
      start += bytes.remaining();
      traffic.sent(bytes.remaining());
      sendAll(bytes);
    }
  }

  private void list(RequestHead head) throws IOException {
    boolean second = head.query("list-type", "1").equals("2");
    String after =
        second
            ? head.query("continuation-token", head.query("start-after", ""))
            : head.query("marker", "");
    int max = Math.min(MAX_PAGE, Integer.parseInt(head.query("max-keys", "" + MAX_PAGE)));
    Page page = objects.list(head.query("prefix", ""), after, head.query("delimiter", ""), max);
    StringBuilder xml = new StringBuilder("<ListBucketResult>");
    xml.append("<Name>").append(bucket(head)).append("</Name>");
    xml.append("<Prefix>").append(head.query("prefix", "")).append("</Prefix>");
    xml.append("<MaxKeys>").append(max).append("</MaxKeys>");
    xml.append("<KeyCount>").append(page.objects().size() + page.folders().size());
    xml.append("</KeyCount><IsTruncated>").append(page.next() != null).append("</IsTruncated>");
    if (page.next() != null) {
      String name = second ? "NextContinuationToken" : "NextMarker";
      xml.append("<" + name + ">").append(page.next()).append("</" + name + ">");
    }
    page.objects()
        .forEach(
            (key, object) ->
                xml.append("<Contents><Key>" + key + "</Key><LastModified>" + XML_DATE)
                    .append("</LastModified><ETag>" + object.etag() + "</ETag><Size>")
                    .append(object.sizeBytes())
                    .append("</Size><StorageClass>STANDARD</StorageClass></Contents>"));
    for (String folder : page.folders()) {
      xml.append("<CommonPrefixes><Prefix>" + folder + "</Prefix></CommonPrefixes>");
    }
    reply(200, "", xml.append("</ListBucketResult>").toString());
  }

  private void listUploads(RequestHead head) throws IOException {
    StringBuilder xml = new StringBuilder("<ListMultipartUploadsResult><IsTruncated>false");
    xml.append("</IsTruncated>");
    for (Map.Entry<String, String> upload : objects.uploads(head.query("prefix", "")).entrySet()) {
      xml.append("<Upload><Key>" + upload.getValue() + "</Key><UploadId>" + upload.getKey())
          .append("</UploadId><Initiated>" + XML_DATE + "</Initiated></Upload>");
    }
    reply(200, "", xml.append("</ListMultipartUploadsResult>").toString());
  }

  private static String bucket(RequestHead head) {
    return head.path().substring(1).split("/", 2)[0];
  }

  private static String names(RequestHead head) {
    return "<Bucket>" + bucket(head) + "</Bucket><Key>" + head.key() + "</Key>";
  }

  private static String checksumHeader(Optional<Crc32c> checksum) {
    return checksum
        .map(c -> CHECKSUM + ": " + c.base64() + "\r\nx-amz-checksum-type: FULL_OBJECT\r\n")
        .orElse("");
  }

  private void refuse(int status, String code, RequestHead head) throws IOException {
    boolean silent = head.method().equals("HEAD");
    String message = head.method() + " " + head.key();
    reply(
        status,
        "",
        silent ? "" : "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>");
  }

  /** An answer in XML, or without a body. */
  private void reply(int status, String headers, String xml) throws IOException {
    String body = xml.isEmpty() ? "" : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml;
    send(
        "HTTP/1.1 "
            + status
            + " "
            + (status < 300 ? "OK" : "Refused")
            + "\r\n"
            + headers
            + (status == 204 ? "" : "Content-Type: application/xml\r\nContent-Length: ")
            + (status == 204 ? "" : body.getBytes(StandardCharsets.UTF_8).length + "\r\n")
            + "\r\n"
            + body);
  }

  private void send(String text) throws IOException {
    sendAll(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void sendAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Up to the empty line; empty if the client has gone. */
  private Optional<String> readHead() throws IOException {
    byte[] head = new byte[MAX_HEAD_BYTES];
    int length = 0;
    int ends = 0; // How many of CR LF CR LF were just seen.
    while (ends < 4) {
      if (!buffer.hasRemaining() && !receive(buffer.capacity())) {
        if (length == 0) {
          return Optional.empty();
        }
        throw new EOFException("the connection ended within the head of a request");
      }
      if (length == head.length) {
        throw new IOException("the head of a request is longer than " + MAX_HEAD_BYTES + " bytes");
      }
      byte next = buffer.get();
      head[length++] = next;
      boolean expected = next == (ends % 2 == 0 ? '\r' : '\n');
      ends = expected ? ends + 1 : next == '\r' ? 1 : 0;
    }
    return Optional.of(new String(head, 0, length, StandardCharsets.UTF_8));
  }

  /** Reads the body; it is kept only if it comes as it is, without framing, and is to be. */
  private Optional<ByteBuffer> body(RequestHead head) throws IOException {
    long bodyBytes = head.bodyBytes();
    boolean isKept =
        head.method().equals("PUT")
            && bodyBytes == head.contentBytes()
            && objects.keeps(bodyBytes, head.asks("uploadId"));
    if (!isKept) {
      drain(bodyBytes);
      return Optional.empty();
    }
    ByteBuffer content =
        bodyBytes > SinkObjects.MAX_KEPT_BYTES
            ? ByteBuffer.allocateDirect((int) bodyBytes)
            : ByteBuffer.allocate((int) bodyBytes);
    while (content.hasRemaining()) {
      if (!buffer.hasRemaining() && !receive(content.remaining())) {
        throw new EOFException(
            "the connection ended within a body, missing_bytes=" + content.remaining());
      }
      int here = Math.min(content.remaining(), buffer.remaining());
      content.put(buffer.slice(buffer.position(), here));
      buffer.position(buffer.position() + here);
    }
    return Optional.of(content.flip().asReadOnlyBuffer());
  }

  private void drain(long bodyBytes) throws IOException {
    long left = bodyBytes;
    while (left > 0) {
      int here = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + here);
      left -= here;
      if (left > 0 && !receive(left)) {
        throw new EOFException("the connection ended within a body, missing_bytes=" + left);
      }
    }
  }

  /** Fills the empty buffer with what is there, at most so many bytes; false at the end. */
  private boolean receive(long maxBytes) throws IOException {
    buffer.clear().limit((int) Math.min(maxBytes, buffer.capacity()));
    int received = channel.read(buffer);
    buffer.flip();
    return received >= 0;
  }
}
