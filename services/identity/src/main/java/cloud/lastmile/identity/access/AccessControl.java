package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Listener;
import cloud.lastmile.platform.database.Notices;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.Authenticator;
import cloud.lastmile.platform.work.Events;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a token is good and what its bearer may do: signature, expiry and revocation from
 * memory, the state of user and scope from {@link AccessCache}. A token that was used lately costs
 * no SQL and no lock.
 */
public final class AccessControl implements Authenticator, AutoCloseable {
  private final TokenCodec codec;
  private final Revocations revocations;
  private final Tags tags = new Tags();
  private final AccessCache cache;
  private final Changes changes;
  private final InstantSource clock;
  private final Database database;
  private volatile @Nullable Listener listener;

  public AccessControl(Database database, TokenCodec codec, InstantSource clock, Events events) {
    this.codec = codec;
    this.clock = clock;
    this.database = database;
    this.revocations = new Revocations(database, tags, this::hearing, clock);
    this.cache = new AccessCache(database, tags, this::hearing, clock);
    this.changes = new Changes(database, tags, revocations, clock, events, "", Cadf.itself());
    revocations.load();
  }

  /** From now on hears of changes on other nodes. */
  public void start() {
    listener =
        Listener.start(
            database,
            Changes.CHANNEL,
            notice -> Touched.applyMessage(notice, tags, revocations),
            this::catchUp);
    // What this node changed before it died, it may not have told.
    new Notices(database, Changes.CHANNEL).sendAside(Touched.ANEW);
  }

  private boolean hearing() {
    Listener current = listener;
    return current != null && current.connected();
  }

  /** Whatever may have been told while nobody listened. */
  private void catchUp() {
    tags.raiseAll();
    revocations.load();
  }

  /** Forgets revocations that no longer matter, here and in the database. */
  public void sweep() {
    tags.raiseAll();
    revocations.sweep();
  }

  /** Whether this node thinks that any token was revoked. */
  public boolean knowsRevocations() {
    return !revocations.isEmpty();
  }

  /** A token that was found good. */
  public record Accepted(Token token, Access access) {}

  @Override
  public Optional<Caller> authenticate(String token) {
    return validate(token, Duration.ZERO).map(accepted -> accepted.access().caller());
  }

  /**
   * @param grace how long after its expiry a token is still accepted
   */
  public Optional<Accepted> validate(String text, Duration grace) {
    Optional<Token> decoded = codec.decode(text);
    if (decoded.isEmpty()) {
      return Optional.empty();
    }
    Token token = decoded.get();
    Instant now = clock.instant();
    if (!now.isBefore(token.expiresAt().plus(grace)) || revocations.revoked(token)) {
      return Optional.empty();
    }
    return cache
        .find(AccessKey.of(token))
        .filter(access -> !token.issuedAt().isBefore(access.tokensValidAfter()))
        .map(access -> new Accepted(token, access));
  }

  @Override
  public void close() {
    Listener current = listener;
    if (current != null) {
      current.close();
    }
  }

  public AccessCache cache() {
    return cache;
  }

  /** Rows that are looked up by id and kept until {@link Touched#target} names the id. */
  public <T> KeptRows<T> keepRows(KeptRows.Read<T> read) {
    return new KeptRows<>(database, tags, this::hearing, read);
  }

  /** The catalog's services and endpoints, say, kept until {@link Touched#catalog}. */
  public <T> Kept<T> keepCatalog(Work<T> work) {
    return new Kept<>(database, tags, this::hearing, Touched.CATALOG, work);
  }

  /** What follows from domains' configurations, kept until {@link Touched#domainConfig}. */
  public <T> Kept<T> keepDomainConfig(Work<T> work) {
    return new Kept<>(database, tags, this::hearing, Touched.DOMAIN_CONFIG, work);
  }

  /** Through which all of identity writes. */
  public Changes changes() {
    return changes;
  }
}
