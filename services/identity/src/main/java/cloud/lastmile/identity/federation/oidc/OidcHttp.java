package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.OutgoingTls;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Asks providers for JSON. Bounded: in time and size of an answer, and in questions at a time, so
 * that a slow provider costs little here. Follows no redirection.
 */
final class OidcHttp {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long MOST_BYTES = 1 << 20;
  private static final int AT_A_TIME = 16;

  private final HttpClient client;
  private final Semaphore places = new Semaphore(AT_A_TIME);
  private final Duration patience;

  OidcHttp() {
    this(PATIENCE);
  }

  OidcHttp(Duration patience) {
    this(patience, OutgoingTls.standard());
  }

  /**
   * @param patience how long a whole answer may take
   */
  OidcHttp(Duration patience, OutgoingTls tls) {
    this.client = tls.http().connectTimeout(Duration.ofSeconds(5)).build();
    this.patience = patience;
  }

  /** An answer, whatever its status below 500. */
  record Answer(int status, JsonNode body) {}

  Answer get(URI uri) throws OidcFailure {
    return ask(HttpRequest.newBuilder(uri));
  }

  Answer get(URI uri, String bearer) throws OidcFailure {
    return ask(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + bearer));
  }

  /** A form, with our id and secret as the provider knows them. */
  Answer post(URI uri, OidcSettings settings, Map<String, String> form) throws OidcFailure {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    String body =
        form.entrySet().stream()
            .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
            .collect(Collectors.joining("&"));
    String secret = settings.clientSecret();
    if (secret == null) {
      body += "&client_id=" + encode(settings.clientId());
    } else {
      byte[] pair =
          (encode(settings.clientId()) + ":" + encode(secret)).getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    }
    request.header("Content-Type", "application/x-www-form-urlencoded");
    return ask(request.POST(BodyPublishers.ofString(body)));
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Answer ask(HttpRequest.Builder builder) throws OidcFailure {
    HttpRequest request = builder.timeout(patience).setHeader("Accept", "application/json").build();
    URI uri = request.uri();
    try {
      if (!places.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw OidcFailure.unreachable("too many questions wait for " + uri.getHost());
      }
      try {
        return answer(uri, send(request));
      } finally {
        places.release();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw OidcFailure.unreachable("interrupted while waiting for " + uri.getHost());
    } catch (IOException | TimeoutException broken) {
      throw OidcFailure.unreachable(uri.getHost() + " does not answer: " + broken);
    }
  }

  /** The client's own time limit ends with the headers; this one is for the whole answer. */
  private HttpResponse<byte[]> send(HttpRequest request)
      throws IOException, InterruptedException, TimeoutException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      throw new IOException(String.valueOf(failure.getCause()), failure.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private static Answer answer(URI uri, HttpResponse<byte[]> response) throws OidcFailure {
    if (response.statusCode() >= 500) {
      throw OidcFailure.unreachable(uri.getHost() + " answers " + response.statusCode());
    }
    try {
      return new Answer(response.statusCode(), Json.parse(response.body()));
    } catch (ApiException malformed) {
      throw new OidcFailure(uri.getHost() + " answers " + response.statusCode() + ", without JSON");
    }
  }
}
