package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessControl.Accepted;
import cloud.lastmile.identity.access.AccessKey;
import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthRequest.WantedScope;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Turns proofs of identity into tokens. */
public final class TokenIssuer {
  private final Database database;
  private final AccessControl control;
  private final TokenCodec codec;
  private final PasswordLogin login;
  private final Duration life;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public TokenIssuer(
      Database database,
      AccessControl control,
      TokenCodec codec,
      PasswordLogin login,
      Duration life,
      InstantSource clock) {
    this.database = database;
    this.control = control;
    this.codec = codec;
    this.login = login;
    this.life = life;
    this.clock = clock;
  }

  /** A token just made. */
  record Issued(String text, Token token, Access access) {}

  /** Who somebody proved to be, and what a new token takes over from the one shown, if any. */
  private record Proven(
      String userId, Set<AuthMethod> methods, Instant expiresAt, Optional<String> chainId) {}

  Issued issue(AuthRequest request) {
    Proven proven = prove(request);
    TokenScope scope = scope(request.scope(), proven.userId());
    Access access =
        control
            .cache()
            .find(new AccessKey(proven.userId(), scope))
            .orElseThrow(TokenIssuer::refusal);
    Token token =
        new Token(
            proven.userId(),
            scope,
            proven.methods(),
            Timestamps.truncate(clock.instant()),
            proven.expiresAt(),
            auditId(),
            proven.chainId());
    return new Issued(codec.encode(token), token, access);
  }

  private Proven prove(AuthRequest request) {
    Set<AuthMethod> methods = EnumSet.copyOf(request.methods());
    Instant expiresAt = clock.instant().plus(life).truncatedTo(ChronoUnit.SECONDS);
    Optional<String> chainId = Optional.empty();
    Optional<String> tokenUser = Optional.empty();
    if (request.tokenId().isPresent()) {
      Accepted shown =
          control
              .validate(request.tokenId().get(), Duration.ZERO)
              .orElseThrow(TokenIssuer::refusal);
      methods.addAll(shown.token().methods());
      // A chain of tokens never outlives the proof that it began with.
      expiresAt = shown.token().expiresAt();
      chainId = Optional.of(shown.token().chainId());
      tokenUser = Optional.of(shown.token().userId());
    }
    Optional<String> passwordUser = request.password().map(login::verify);
    if (passwordUser.isPresent() && tokenUser.isPresent() && !tokenUser.equals(passwordUser)) {
      throw refusal();
    }
    String userId =
        (passwordUser.isPresent() ? passwordUser : tokenUser).orElseThrow(TokenIssuer::refusal);
    return new Proven(userId, methods, expiresAt, chainId);
  }

  private TokenScope scope(WantedScope wanted, String userId) {
    return switch (wanted) {
      case WantedScope.Unscoped _ -> TokenScope.UNSCOPED;
      case WantedScope.SystemScope _ -> TokenScope.SYSTEM;
      case WantedScope.Project project -> {
        Optional<String> id =
            database.read(handle -> AuthStore.projectId(handle, project.project()));
        yield TokenScope.project(id.orElseThrow(TokenIssuer::refusal));
      }
      case WantedScope.Domain domain -> {
        Optional<String> id = database.read(handle -> AuthStore.domainId(handle, domain.domain()));
        yield TokenScope.domain(id.orElseThrow(TokenIssuer::refusal));
      }
      case WantedScope.Default _ -> defaultScope(userId);
    };
  }

  /** The user's default project if it has a role there, else no scope. */
  private TokenScope defaultScope(String userId) {
    Named user = new Named(Optional.of(userId), Optional.empty(), Optional.empty());
    return database
        .read(handle -> AuthStore.account(handle, user))
        .flatMap(AuthStore.Account::defaultProjectId)
        .map(TokenScope::project)
        .filter(scope -> control.cache().find(new AccessKey(userId, scope)).isPresent())
        .orElse(TokenScope.UNSCOPED);
  }

  private String auditId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static ApiException refusal() {
    return ApiException.unauthorized(PasswordLogin.REFUSAL);
  }
}
