package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessControl.Accepted;
import cloud.lastmile.identity.auth.AuthRequest.CredentialProof;
import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthRequest.PasswordProof;
import cloud.lastmile.identity.auth.AuthRequest.WantedScope;
import cloud.lastmile.identity.auth.AuthStore.Account;
import cloud.lastmile.identity.auth.AuthStore.Looked;
import cloud.lastmile.identity.credential.CredentialLogin;
import cloud.lastmile.identity.credential.CredentialLogin.Owner;
import cloud.lastmile.identity.credential.TotpLogin;
import cloud.lastmile.identity.oauth.OAuthLogin;
import cloud.lastmile.identity.oauth.OAuthRequest;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenScope.Kind;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Checks the proofs of a request, each by its method; all must be of one user. */
public final class Prover {
  /** Methods that are not the user's own login. */
  private static final Set<AuthMethod> DELEGATED =
      EnumSet.of(AuthMethod.APPLICATION_CREDENTIAL, AuthMethod.OAUTH1, AuthMethod.EC2CREDENTIAL);

  private final Database database;
  private final AccessControl control;
  private final PasswordLogin passwords;
  private final CredentialLogin credentials;
  private final TotpLogin totp;
  private final OAuthLogin oauth;
  private final LoginLimiter limiter;
  private final Duration life;
  private final InstantSource clock;

  public Prover(
      Database database,
      AccessControl control,
      PasswordLogin passwords,
      CredentialLogin credentials,
      TotpLogin totp,
      OAuthLogin oauth,
      LoginLimiter limiter,
      Duration life,
      InstantSource clock) {
    this.database = database;
    this.control = control;
    this.passwords = passwords;
    this.credentials = credentials;
    this.totp = totp;
    this.oauth = oauth;
    this.limiter = limiter;
    this.life = life;
    this.clock = clock;
  }

  /** When a token that is made now ends. */
  Instant end() {
    return clock.instant().plus(life).truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * @throws ApiException unauthorized if a proof is wrong, forbidden if the token shown must not be
   *     scoped anew
   */
  Proven prove(AuthRequest request, String address) {
    Set<String> users = new HashSet<>();
    Proven proven =
        new Proven(
            "", request.methods(), new TokenVia.Own(), Optional.empty(), end(), Optional.empty());
    if (request.tokenId().isPresent()) {
      proven = byToken(proven, request.tokenId().get(), request.scope());
      users.add(proven.userId());
    }
    if (request.federatedTokenId().isPresent()) {
      proven = byToken(proven, request.federatedTokenId().get(), request.scope());
      if (!(proven.via() instanceof TokenVia.Federation)) {
        throw refusal();
      }
      users.add(proven.userId());
    }
    if (request.credential().isPresent()) {
      proven = byCredential(proven, request.credential().get(), address);
      users.add(proven.userId());
    }
    if (request.oauth().isPresent()) {
      proven = byOAuth(proven, request.oauth().get(), address);
      users.add(proven.userId());
    }
    request.password().map(proof -> passwords.verify(proof, address)).ifPresent(users::add);
    request.totp().map(proof -> byTotp(proof, address)).ifPresent(users::add);
    if (users.size() != 1) {
      throw refusal();
    }
    return new Proven(
        users.iterator().next(),
        proven.methods(),
        proven.via(),
        proven.onlyScope(),
        proven.expiresAt(),
        proven.chainId());
  }

  private Proven byToken(Proven proven, String text, WantedScope wanted) {
    Token shown =
        control
            .validate(text, Duration.ZERO)
            .map(Accepted::token)
            // As in the reference, a token that is none is not found.
            .orElseThrow(() -> ApiException.notFound("Failed to validate token"));
    requireMayRescope(shown, wanted);
    Set<AuthMethod> methods = EnumSet.copyOf(proven.methods());
    methods.addAll(shown.methods());
    return new Proven(
        shown.userId(),
        methods,
        shown.via(),
        Optional.empty(),
        // A chain of tokens never outlives the proof that it began with.
        shown.expiresAt(),
        Optional.of(shown.chainId()));
  }

  private static void requireMayRescope(Token shown, WantedScope wanted) {
    if (shown.via() instanceof TokenVia.AccessToken) {
      throw forbidden(
          "Using OAuth-scoped token to create another token. Create a new OAuth-scoped token"
              + " instead");
    }
    if (shown.via() instanceof TokenVia.Trust) {
      throw forbidden(
          "Using trust-scoped token to create another token. Create a new trust-scoped token"
              + " instead");
    }
    boolean narrower =
        wanted instanceof WantedScope.Project || wanted instanceof WantedScope.Domain;
    if (shown.scope().kind() == Kind.SYSTEM && narrower) {
      throw forbidden(
          "Using a system-scoped token to create a project-scoped or domain-scoped token is not"
              + " allowed.");
    }
    boolean primary =
        shown.via() instanceof TokenVia.Own || shown.via() instanceof TokenVia.Federation;
    if (!primary || !Collections.disjoint(shown.methods(), DELEGATED)) {
      throw forbidden("Using a delegated token to create another token is not allowed.");
    }
  }

  private String byTotp(PasswordProof proof, String address) {
    Set<String> elsewhere = passwords.elsewhere();
    return limiter.attempt(
        address,
        attempt -> {
          Looked looked = database.read(handle -> AuthStore.look(handle, proof.user(), elsewhere));
          attempt.at(LoginTarget.of(proof.user(), looked, elsewhere));
          return looked
              .account()
              .filter(Account::active)
              .map(Account::id)
              .filter(id -> totp.verify(id, proof.password()))
              .orElseThrow(Prover::refusal);
        });
  }

  private Proven byCredential(Proven proven, CredentialProof proof, String address) {
    Owner owner =
        limiter.attempt(
            address,
            attempt -> {
              Optional<String> id = proof.id().or(() -> idByName(proof));
              attempt.at(target(id, proof));
              return credentials.verify(id, proof.secret()).orElseThrow(Prover::refusal);
            });
    if (!proven.userId().isEmpty() && !proven.userId().equals(owner.userId())) {
      throw refusal();
    }
    return credential(owner, proven.methods(), proven.expiresAt(), proven.chainId());
  }

  /** The credential's owner: it has as many guesses as the owner's password. */
  private Target target(Optional<String> credentialId, CredentialProof proof) {
    return credentialId
        .flatMap(credentials::ownerOf)
        .map(LoginTarget::of)
        .orElseGet(() ->
            Target.nobody("credential " + proof.id() + " " + proof.name() + " " + proof.user()));
  }

  private Proven byOAuth(Proven proven, OAuthRequest signed, String address) {
    if (!(proven.via() instanceof TokenVia.Own)) {
      throw refusal();
    }
    OAuthLogin.Owner owner =
        limiter.attempt(
            address,
            attempt -> {
              attempt.at(Target.nobody("access token " + signed.accessToken()));
              return oauth.verify(signed);
            });
    return accessToken(owner, proven.methods(), proven.expiresAt());
  }

  private Optional<String> idByName(CredentialProof proof) {
    Named user = proof.user().orElseThrow();
    Optional<String> userId =
        user.id()
            .or(() ->
                database
                    .read(handle -> AuthStore.look(handle, user, passwords.elsewhere()))
                    .account()
                    .map(Account::id));
    return userId.flatMap(found -> credentials.idByName(found, proof.name().orElse("")));
  }

  /** A user whose identity was proven elsewhere, by these methods. */
  Proven proven(String userId, Set<AuthMethod> methods) {
    return new Proven(
        userId, methods, new TokenVia.Own(), Optional.empty(), end(), Optional.empty());
  }

  /** The same by an application credential; empty if that is gone or expired. */
  Optional<Proven> credential(String credentialId, Set<AuthMethod> methods) {
    return credentials
        .find(credentialId)
        .map(owner -> credential(owner, methods, end(), Optional.empty()));
  }

  /** What an application credential is good for, once its use is proven. */
  private static Proven credential(
      Owner owner, Set<AuthMethod> methods, Instant end, Optional<String> chainId) {
    Instant credentialEnd = owner.expiresAt().orElse(end).truncatedTo(ChronoUnit.SECONDS);
    return new Proven(
        owner.userId(),
        methods,
        new TokenVia.Credential(owner.credentialId()),
        Optional.of(TokenScope.project(owner.projectId())),
        credentialEnd.isBefore(end) ? credentialEnd : end,
        chainId);
  }

  /** As {@link #credential(String, Set)}, by an access token. */
  Optional<Proven> accessToken(String accessTokenId, Set<AuthMethod> methods) {
    return oauth.find(accessTokenId).map(owner -> accessToken(owner, methods, end()));
  }

  private static Proven accessToken(OAuthLogin.Owner owner, Set<AuthMethod> methods, Instant end) {
    Instant ownEnd = owner.expiresAt().truncatedTo(ChronoUnit.SECONDS);
    return new Proven(
        owner.userId(),
        methods,
        new TokenVia.AccessToken(owner.accessTokenId(), owner.consumerId()),
        Optional.of(TokenScope.project(owner.projectId())),
        ownEnd.isBefore(end) ? ownEnd : end,
        Optional.empty());
  }

  static ApiException refusal() {
    return ApiException.unauthorized(PasswordLogin.REFUSAL);
  }

  private static ApiException forbidden(String action) {
    return ApiException.forbidden(
        "You are not authorized to perform the requested action: " + action);
  }
}
