package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthStore.Account;
import cloud.lastmile.identity.auth.AuthStore.Looked;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What guesses at a user are counted by: the user that is found, however it was named. */
final class LoginTarget {
  /** What counts for nothing where names are compared: what nobody sees, but for blanks. */
  private static final Pattern IGNORED =
      Pattern.compile(
          "[\\p{Cc}\\p{Cf}\\u034f\\u1806\\u180b-\\u180d\\ufe00-\\ufe0f\\ufffc&&[^\\s]]");

  private LoginTarget() {}

  /** A user that is here; also of logins that prove it in another way than by its name. */
  static Target of(String userId) {
    return new Target("user " + userId, true);
  }

  /**
   * @param elsewhere domains whose users are in a directory: there may be one that is not known
   *     here yet, and the directory may take many spellings of a name for the same
   */
  static Target of(Named asked, Looked looked, Set<String> elsewhere) {
    Optional<Account> account = looked.account();
    if (account.isPresent() && !elsewhere.contains(account.get().domainId())) {
      return of(account.get().id());
    }
    if (account.isPresent()) {
      return new Target(named(account.get().domainId(), account.get().name()), true);
    }
    if (asked.id().isPresent()) {
      return Target.nobody("user " + asked.id().get());
    }
    String domain =
        looked
            .domainId()
            .or(() -> asked.domain().flatMap(Named::id))
            .or(() -> asked.domain().flatMap(Named::name))
            .orElse("");
    String key = named(domain, asked.name().orElse(""));
    return new Target(key, elsewhere.contains(domain));
  }

  /** One text for all spellings that a directory may take for the same (RFC 4518). */
  private static String named(String domain, String name) {
    String mapped =
        IGNORED.matcher(Normalizer.normalize(name, Normalizer.Form.NFKC)).replaceAll("");
    // By the upper case, where several small letters are one, to and fro.
    String folded =
        Normalizer.normalize(
            mapped.toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT),
            Normalizer.Form.NFKC);
    return "name " + domain + " " + folded.strip().replaceAll("\\s+", " ");
  }
}
