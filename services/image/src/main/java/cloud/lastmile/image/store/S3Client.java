package cloud.lastmile.image.store;

import cloud.lastmile.platform.core.OutgoingTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** A bucket over HTTP, addressed by path. Every failure is one of the store, never of the user. */
final class S3Client {
  private static final int MAX_ANSWER = 16 << 20;

  /** What S3 says when it is busy or has hiccups: the same request may succeed a moment later. */
  private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

  private static final int ATTEMPTS = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  /**
   * How long the server may take.
   *
   * @param answer until the answer's head; the time for a part's bytes is counted in
   * @param silence in the middle of an answer
   */
  record Limits(Duration connect, Duration answer, Duration silence) {
    static final Limits STANDARD =
        new Limits(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofMinutes(1));
  }

  private final HttpClient http;
  private final Limits limits;
  private final String bucket;
  private final S3Signer signer;
  private final InstantSource clock;

  S3Client(URI endpoint, String bucket, S3Signer signer, InstantSource clock, Limits limits) {
    this(endpoint, bucket, signer, clock, limits, OutgoingTls.standard());
  }

  S3Client(
      URI endpoint,
      String bucket,
      S3Signer signer,
      InstantSource clock,
      Limits limits,
      OutgoingTls tls) {
    this.http = tls.http().connectTimeout(limits.connect()).build();
    this.limits = limits;
    this.bucket = endpoint.toString().replaceFirst("/+$", "") + "/" + bucket;
    this.signer = signer;
    this.clock = clock;
  }

  /** As the reference names objects, without the keys that it puts there. */
  URI url(String object) {
    return URI.create("s3+" + bucket + "/" + object);
  }

  HttpResponse<InputStream> send(
      String method, String object, Map<String, String> query, BodyPublisher body)
      throws IOException {
    return send(method, object, query, Map.of(), body, S3Signer.UNSIGNED);
  }

  HttpResponse<InputStream> send(
      String method,
      String object,
      Map<String, String> query,
      Map<String, String> headers,
      BodyPublisher body,
      String payloadHash)
      throws IOException {
    URI plain = URI.create(object.isEmpty() ? bucket : bucket + "/" + object);
    SortedMap<String, String> sorted = new TreeMap<>(query);
    URI uri = query.isEmpty() ? plain : URI.create(plain + "?" + S3Signer.canonicalQuery(sorted));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, body).timeout(limits.answer());
    headers.forEach(request::header);
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      HttpRequest.Builder signed = request.copy();
      signer.headers(method, plain, sorted, payloadHash, clock.instant()).forEach(signed::header);
      HttpResponse<InputStream> response = sendOnce(signed.build());
      if (attempt == ATTEMPTS || !PASSING.contains(response.statusCode())) {
        return response;
      }
      response.body().close();
      pause(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private static void pause(Duration pause) throws IOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
  }

  private HttpResponse<InputStream> sendOnce(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    } catch (IOException away) {
      throw new StoreUnavailableException(
          "S3 does not answer: " + request.method() + " " + request.uri(), away);
    }
  }

  /** The answer's headers, if it has the status; else the store is not well. */
  HttpResponse<InputStream> expect(HttpResponse<InputStream> response, int... statuses)
      throws IOException {
    for (int status : statuses) {
      if (response.statusCode() == status) {
        return response;
      }
    }
    throw failure(response);
  }

  void done(HttpResponse<InputStream> response, int... statuses) throws IOException {
    expect(response, statuses).body().close();
  }

  private IOException failure(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = new TimedStream(response.body(), limits.silence())) {
      String text = new String(body.readNBytes(500), StandardCharsets.UTF_8);
      return new StoreUnavailableException(
          "S3 answers %d to %s: %s"
              .formatted(response.statusCode(), response.request().uri().getPath(), text),
          null);
    }
  }

  /** The answer's bytes; one that falls silent fails. */
  InputStream body(HttpResponse<InputStream> response, int status) throws IOException {
    return new TimedStream(expect(response, status).body(), limits.silence());
  }

  Document xml(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = body(response, 200)) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(body.readNBytes(MAX_ANSWER)));
    } catch (ParserConfigurationException | SAXException malformed) {
      throw new StoreUnavailableException("S3 answers what is not XML", malformed);
    }
  }

  /** The text of the first element of the name, or nothing. */
  static String text(Document document, String element) {
    NodeList found = document.getElementsByTagName(element);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }

  static List<Element> elements(Document document, String element) {
    NodeList found = document.getElementsByTagName(element);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  static String text(Element element, String child) {
    NodeList found = element.getElementsByTagName(child);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }

  static BodyPublisher nothing() {
    return BodyPublishers.noBody();
  }
}
