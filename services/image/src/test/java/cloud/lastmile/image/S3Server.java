package cloud.lastmile.image;

import cloud.lastmile.image.store.S3Signer;
import cloud.lastmile.testing.Await;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** As much of S3's HTTP API as stores of images use, with every signature checked. */
public final class S3Server implements AutoCloseable {
  public static final String ACCESS = "AKIDEXAMPLE";
  public static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

  /** How much is listed at a time. */
  private static final int PAGE = 2;

  /** What the server does to those who ask. */
  public enum Mood {
    WELL,
    ERROR,
    NONSENSE,
    /** Is busy whenever it is asked for the first, third, fifth, ... time. */
    BUSY,
    /** Takes the second part of an upload and says nothing, until it is well again. */
    SILENT,
    /** Gives half of an object and closes the connection. */
    TRUNCATED,
    /** Keeps half of an object and says that all is well. */
    FORGETFUL,
    /** Keeps other bytes, and says so in the ETag. */
    GARBLING,
    /** Keeps the bytes and gives an ETag that looks like an MD5 and is none of theirs. */
    ODD
  }

  public final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  public final Map<String, SortedMap<Integer, byte[]>> uploads = new ConcurrentHashMap<>();
  public volatile Mood mood = Mood.WELL;
  public final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  public volatile String lastRefusal = "";
  private final HttpServer server;

  public S3Server() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/bucket", this::answer);
    server.start();
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean isBusy = mood == Mood.BUSY && requests.getAndIncrement() % 2 == 0;
      if (mood == Mood.ERROR || isBusy) {
        refusals.incrementAndGet();
        send(
            exchange, 503, "<Error><Code>SlowDown</Code></Error>".getBytes(StandardCharsets.UTF_8));
      } else if (mood == Mood.NONSENSE) {
        send(exchange, 200, "<<<".getBytes(StandardCharsets.UTF_8));
      } else if (!isSigned(exchange, body)) {
        send(
            exchange,
            403,
            "<Error><Code>SignatureDoesNotMatch</Code></Error>".getBytes(StandardCharsets.UTF_8));
      } else {
        serve(exchange, body);
      }
    }
  }

  private boolean isSigned(HttpExchange exchange, byte[] body) {
    try {
      String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
      String actual = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
      String time = exchange.getRequestHeaders().getFirst("x-amz-date");
      Instant at =
          Instant.parse(
              "%s-%s-%sT%s:%s:%sZ"
                  .formatted(
                      time.substring(0, 4),
                      time.substring(4, 6),
                      time.substring(6, 8),
                      time.substring(9, 11),
                      time.substring(11, 13),
                      time.substring(13, 15)));
      URI plain = URI.create(endpoint() + exchange.getRequestURI().getRawPath());
      String expected =
          new S3Signer(ACCESS, SECRET, "test-1")
              .headers(exchange.getRequestMethod(), plain, query(exchange), hash, at)
              .get("authorization");
      boolean isGood =
          expected.equals(exchange.getRequestHeaders().getFirst("authorization"))
              && (hash.equals(S3Signer.UNSIGNED) || hash.equals(actual));
      if (!isGood) {
        lastRefusal = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      }
      return isGood;
    } catch (Exception malformed) {
      lastRefusal = malformed.toString();
      return false;
    }
  }

  private static SortedMap<String, String> query(HttpExchange exchange) {
    SortedMap<String, String> query = new TreeMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String part : raw.split("&", -1)) {
        String[] words = part.split("=", 2);
        query.put(decoded(words[0]), words.length == 2 ? decoded(words[1]) : "");
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private void serve(HttpExchange exchange, byte[] body) throws IOException {
    SortedMap<String, String> query = query(exchange);
    String path = exchange.getRequestURI().getPath().substring("/bucket".length());
    String key = path.isEmpty() ? "" : path.substring(1);
    switch (exchange.getRequestMethod()) {
      case "GET" -> {
        if (key.isEmpty()) {
          list(exchange, query);
        } else {
          get(exchange, key);
        }
      }
      case "HEAD" -> {
        byte[] object = objects.get(key);
        if (object != null) {
          exchange.getResponseHeaders().set("Content-Length", String.valueOf(object.length));
        }
        exchange.sendResponseHeaders(object == null ? 404 : 200, -1);
      }
      case "PUT" -> put(exchange, key, query, body);
      case "POST" -> post(exchange, key, query);
      case "DELETE" -> {
        if (query.containsKey("uploadId")) {
          uploads.remove(key + " " + query.get("uploadId"));
        } else {
          objects.remove(key);
        }
        exchange.sendResponseHeaders(204, -1);
      }
      default -> exchange.sendResponseHeaders(405, -1);
    }
  }

  private void get(HttpExchange exchange, String key) throws IOException {
    byte[] bytes = objects.get(key);
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (bytes == null) {
      exchange.sendResponseHeaders(404, -1);
    } else if (mood == Mood.TRUNCATED) {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
    } else if (range == null) {
      send(exchange, 200, bytes);
    } else {
      int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      send(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
    }
  }

  private void list(HttpExchange exchange, SortedMap<String, String> query) throws IOException {
    StringBuilder xml = new StringBuilder("<List>");
    if (query.containsKey("uploads")) {
      String after = query.getOrDefault("key-marker", "") + " " + query.get("upload-id-marker");
      List<String> page = page(uploads.keySet(), after);
      for (String name : page) {
        String[] words = name.split(" ", 2);
        xml.append("<Upload><Key>" + words[0] + "</Key><UploadId>" + words[1])
            .append("</UploadId></Upload>");
        if (page.size() == PAGE && name.equals(page.getLast())) {
          xml.append("<NextKeyMarker>" + words[0] + "</NextKeyMarker><NextUploadIdMarker>")
              .append(words[1] + "</NextUploadIdMarker>");
        }
      }
    } else {
      List<String> page = page(objects.keySet(), query.getOrDefault("continuation-token", ""));
      page.forEach(name -> xml.append("<Contents><Key>%s</Key></Contents>".formatted(name)));
      if (page.size() == PAGE) {
        xml.append("<NextContinuationToken>" + page.getLast() + "</NextContinuationToken>");
      }
    }
    send(exchange, 200, xml.append("</List>").toString().getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> page(Set<String> names, String after) {
    return names.stream().sorted().filter(name -> name.compareTo(after) > 0).limit(PAGE).toList();
  }

  private void put(HttpExchange exchange, String key, SortedMap<String, String> query, byte[] body)
      throws IOException {
    byte[] kept = body.clone();
    if (mood == Mood.GARBLING && kept.length > 0) {
      kept[kept.length / 2]++;
    }
    if (query.containsKey("uploadId")) {
      if ("2".equals(query.get("partNumber")) && mood == Mood.SILENT) {
        Await.until("the server is well", () -> mood != Mood.SILENT);
      }
      uploads
          .get(key + " " + query.get("uploadId"))
          .put(Integer.parseInt(query.getOrDefault("partNumber", "0")), kept);
    } else {
      objects.put(key, mood == Mood.FORGETFUL ? Arrays.copyOf(body, body.length / 2) : kept);
    }
    exchange
        .getResponseHeaders()
        .add("ETag", '"' + tag(mood == Mood.ODD ? new byte[1] : kept) + '"');
    exchange.sendResponseHeaders(200, -1);
  }

  private static String tag(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void post(HttpExchange exchange, String key, SortedMap<String, String> query)
      throws IOException {
    if (query.containsKey("uploads")) {
      String id = UUID.randomUUID().toString();
      uploads.put(key + " " + id, new TreeMap<>());
      send(
          exchange,
          200,
          ("<InitiateMultipartUploadResult><UploadId>"
                  + id
                  + "</UploadId></InitiateMultipartUploadResult>")
              .getBytes(StandardCharsets.UTF_8));
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : uploads.remove(key + " " + query.get("uploadId")).values()) {
      whole.write(part);
    }
    objects.put(key, whole.toByteArray());
    send(exchange, 200, "<CompleteMultipartUploadResult/>".getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
