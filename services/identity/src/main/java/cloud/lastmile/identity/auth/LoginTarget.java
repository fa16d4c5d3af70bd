package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthStore.Account;
import cloud.lastmile.identity.auth.AuthStore.Looked;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What guesses at a user are counted by: the user that is found, however it was named. */
final class LoginTarget {
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

  private static String named(String domain, String name) {
    String folded = Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    return "name " + domain + " " + folded.strip().replaceAll("\\s+", " ");
  }
}
