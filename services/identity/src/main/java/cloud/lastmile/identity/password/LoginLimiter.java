package cloud.lastmile.identity.password;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.ClientNetwork;
import cloud.lastmile.platform.core.Digests;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Counts logins of the last minute that failed or are not over yet, in a bounded amount of memory.
 * Guesses from one address stop that address, and never the user at another; guesses at one user
 * from many addresses stop all but those that the user is known at. A login counts from before
 * anything is done for it, so that many at once are no more guesses than one after the other, and
 * is taken back if it was right.
 */
public final class LoginLimiter {
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int KEY_DIGITS = 32;
  private static final int MAX_ENTRIES = 20_000;

  private final LoginLimits limits;
  private final Cache<String, LoginCounter> addresses;
  private final Cache<String, LoginCounter> accounts;

  /** Apart from accounts, so that made-up names never make a real user's guesses forgotten. */
  private final Cache<String, LoginCounter> nobodies;

  private final Cache<String, Boolean> known;

  public LoginLimiter(LoginLimits limits, InstantSource clock) {
    this.limits = limits;
    this.addresses = counters(clock);
    this.accounts = counters(clock);
    this.nobodies = counters(clock);
    this.known = Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();
  }

  private static Cache<String, LoginCounter> counters(InstantSource clock) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_ENTRIES)
        .expireAfterWrite(WINDOW)
        .ticker(() -> clock.millis() * 1_000_000)
        .build();
  }

  /**
   * Who is tried.
   *
   * @param key the same however the request names it
   * @param there whether there is somebody; whether or not, the same is counted
   */
  public record Target(String key, boolean there) {
    public Target {
      // Of one length, whatever a request calls whom.
      key = Digests.sha256Hex(key).substring(0, KEY_DIGITS);
    }

    public static Target nobody(String key) {
      return new Target(key, false);
    }
  }

  /** One login under way. */
  public final class Attempt {
    private final String address;
    private final List<LoginCounter> counted = new ArrayList<>();
    private String pair = "";

    private Attempt(String address) {
      this.address = address;
    }

    private void count(LoginCounter counter, int limit, int atOnce, Duration patience) {
      if (!counter.begin(limit, atOnce, patience)) {
        throw ApiException.of(
            Kind.TOO_MANY_REQUESTS, "Too many failed logins; try again in a minute.");
      }
      counted.add(counter);
    }

    /**
     * Says who is tried, before any work that a guess is to be denied. Right logins of one user at
     * once wait for each other where there are many.
     *
     * @throws ApiException too many requests
     */
    public void at(Target target) {
      at(target, limits.perAccountAndAddress());
    }

    /** The same one after the other, for who counts failures elsewhere too, when they are over. */
    public void aloneAt(Target target) {
      at(target, 1);
    }

    private void at(Target target, int atOnce) {
      Cache<String, LoginCounter> all = target.there() ? accounts : nobodies;
      pair = target.key() + " " + address;
      if (known.getIfPresent(pair) == null) {
        count(counter(all, target.key()), limits.perAccount(), limits.perAccount(), Duration.ZERO);
      }
      count(counter(all, pair), limits.perAccountAndAddress(), atOnce, PATIENCE);
    }

    private void end(boolean wrong) {
      counted.forEach(counter -> counter.end(wrong));
    }
  }

  private static LoginCounter counter(Cache<String, LoginCounter> counters, String key) {
    return counters.get(key, _ -> new LoginCounter());
  }

  /**
   * Does the work of a login; it is a wrong guess if it ends with unauthorized or not found, and
   * none if it ends in any other way.
   *
   * @throws ApiException too many requests
   */
  public <T> T attempt(String address, Function<Attempt, T> work) {
    String network = ClientNetwork.of(address);
    Attempt attempt = new Attempt(network);
    return run(
        attempt,
        one -> {
          int most = limits.perAddress();
          one.count(counter(addresses, network), most, most, Duration.ZERO);
          return work.apply(one);
        });
  }

  /**
   * The same of what a service asks for its clients, whose address it does not tell: what one of
   * them guesses never stops the others.
   */
  public <T> T attemptThrough(String serviceAddress, Function<Attempt, T> work) {
    return run(new Attempt(ClientNetwork.of(serviceAddress)), work);
  }

  private <T> T run(Attempt attempt, Function<Attempt, T> work) {
    boolean wrong = false;
    try {
      T result = work.apply(attempt);
      if (!attempt.pair.isEmpty()) {
        known.put(attempt.pair, true);
      }
      return result;
    } catch (ApiException failure) {
      wrong = failure.kind() == Kind.UNAUTHORIZED || failure.kind() == Kind.NOT_FOUND;
      throw failure;
    } finally {
      attempt.end(wrong);
    }
  }
}
