package cloud.lastmile.identity.password;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts failed logins of the last minute, in a bounded amount of memory. Guesses from one address
 * stop that address, and never the user at another; guesses at one user from many addresses stop
 * all but those that the user is known at.
 */
public final class LoginLimiter {
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int MAX_ENTRIES = 50_000;

  private final LoginLimits limits;
  private final Cache<String, AtomicInteger> failures;
  private final Cache<String, Boolean> known;

  public LoginLimiter(LoginLimits limits, InstantSource clock) {
    this.limits = limits;
    this.failures =
        Caffeine.newBuilder()
            .maximumSize(MAX_ENTRIES)
            .expireAfterWrite(WINDOW)
            .ticker(() -> clock.millis() * 1_000_000)
            .build();
    this.known = Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();
  }

  /**
   * @param account however the request names the user
   * @throws ApiException too many requests
   */
  public void admit(String account, String address) {
    boolean refused =
        count(pair(account, address)) >= limits.perAccountAndAddress()
            || count(address) >= limits.perAddress()
            || (count(all(account)) >= limits.perAccount()
                && known.getIfPresent(pair(account, address)) == null);
    if (refused) {
      throw ApiException.of(
          Kind.TOO_MANY_REQUESTS, "Too many failed logins; try again in a minute.");
    }
  }

  public void failed(String account, String address) {
    add(pair(account, address));
    add(address);
    if (known.getIfPresent(pair(account, address)) == null) {
      add(all(account));
    }
  }

  public void succeeded(String account, String address) {
    failures.invalidate(pair(account, address));
    known.put(pair(account, address), true);
  }

  private int count(String key) {
    AtomicInteger counter = failures.getIfPresent(key);
    return counter == null ? 0 : counter.get();
  }

  private void add(String key) {
    failures.get(key, _ -> new AtomicInteger()).incrementAndGet();
  }

  private static String pair(String account, String address) {
    return account + " " + address;
  }

  private static String all(String account) {
    return account + " *";
  }
}
