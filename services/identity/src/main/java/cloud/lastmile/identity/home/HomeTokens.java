package cloud.lastmile.identity.home;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.platform.http.Authenticator;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Accepts, beside a cloud's own tokens, those of the identity service of which the cloud is a
 * region. That service is asked, with the token itself, and its answer is believed for some
 * seconds: so long does a token live on that is revoked there.
 */
public final class HomeTokens implements Authenticator {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration KEPT = Duration.ofSeconds(10);
  private static final long KEPT_BYTES = 16 << 20;
  private static final int ENTRY_BYTES = 500;
  private static final int LONGEST_TOKEN = 4_096;
  private static final long MOST_BYTES = 1 << 20;
  private static final int AT_A_TIME = 16;

  /**
   * What was answered.
   *
   * @param caller empty if the token is no good
   * @param until when the answer is to be asked for again
   */
  private record Known(Optional<Caller> caller, Instant until) {}

  private final Authenticator own;
  private final URI tokens;
  private final InstantSource clock;
  private final Cache<String, Known> known =
      Caffeine.newBuilder()
          .maximumWeight(KEPT_BYTES)
          .weigher(
              (String text, Known one) -> ENTRY_BYTES + text.length() + one.toString().length())
          .build();
  private final Semaphore places = new Semaphore(AT_A_TIME);
  private final HttpClient client;

  /**
   * @param own asked first
   * @param home {@code https://first.example.net/identity/v3}
   */
  public HomeTokens(Authenticator own, URI home, InstantSource clock) {
    this(own, home, clock, OutgoingTls.standard());
  }

  HomeTokens(Authenticator own, URI home, InstantSource clock, OutgoingTls tls) {
    this.client = tls.http().connectTimeout(PATIENCE).build();
    this.own = own;
    this.tokens = URI.create(home.toString().replaceFirst("/+$", "") + "/auth/tokens?nocatalog=1");
    this.clock = clock;
  }

  /**
   * @throws ApiException unavailable if the identity service does not answer
   */
  @Override
  public Optional<Caller> authenticate(String token) {
    Optional<Caller> ours = own.authenticate(token);
    if (ours.isPresent() || token.length() > LONGEST_TOKEN) {
      return ours;
    }
    Known before = known.getIfPresent(token);
    if (before != null && clock.instant().isBefore(before.until())) {
      return before.caller();
    }
    Known now = ask(token);
    known.put(token, now);
    return now.caller();
  }

  private Known ask(String token) {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(tokens)
              .timeout(PATIENCE)
              .header("X-Auth-Token", token)
              .header("X-Subject-Token", token)
              .header("Accept", "application/json")
              // Every request here is held to the access rules that the answer tells of.
              .header("OpenStack-Identity-Access-Rules", "1.0")
              .build();
    } catch (IllegalArgumentException noToken) {
      return new Known(Optional.empty(), clock.instant().plus(KEPT));
    }
    try {
      return read(send(request));
    } catch (IOException broken) {
      throw unreachable(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw unreachable(interrupted);
    }
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("too many tokens wait");
    }
    try {
      return client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    } finally {
      places.release();
    }
  }

  private Known read(HttpResponse<byte[]> answer) throws IOException {
    Instant until = clock.instant().plus(KEPT);
    return switch (answer.statusCode()) {
      case 200 -> {
        HomeToken token = HomeToken.read(Json.parse(answer.body()).path("token"));
        yield new Known(
            Optional.of(token.caller()),
            token.expiresAt().isBefore(until) ? token.expiresAt() : until);
      }
      case 401, 403, 404 -> new Known(Optional.empty(), until);
      default -> throw new IOException("status " + answer.statusCode());
    };
  }

  private static ApiException unreachable(Exception cause) {
    return ApiException.unavailable("The identity service does not answer.", cause);
  }
}
