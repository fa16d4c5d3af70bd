package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessKey;
import cloud.lastmile.identity.auth.AuthRequest.WantedScope;
import cloud.lastmile.identity.credential.Credential;
import cloud.lastmile.identity.credential.Ec2Blob;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.identity.trust.Trust;
import cloud.lastmile.identity.trust.TrustStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Turns proofs of identity into tokens. */
public final class TokenIssuer {
  private final Database database;
  private final AccessControl control;
  private final TokenCodec codec;
  private final Prover prover;
  private final Factors factors;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public TokenIssuer(
      Database database,
      AccessControl control,
      TokenCodec codec,
      Prover prover,
      Factors factors,
      InstantSource clock) {
    this.database = database;
    this.control = control;
    this.codec = codec;
    this.prover = prover;
    this.factors = factors;
    this.clock = clock;
  }

  /** A token just made. */
  public record Issued(String text, Token token, Access access) {
    @Override
    public String toString() {
      return "Issued[" + token.auditId() + "]";
    }
  }

  /** What a login comes to. */
  sealed interface Outcome {
    record Success(Issued issued) implements Outcome {}

    /** The user's rules want more methods than these. */
    record MoreNeeded(Access user, Set<AuthMethod> methods) implements Outcome {}
  }

  /**
   * @param receipt of methods shown before
   */
  Outcome login(AuthRequest request, Optional<String> receipt, String address) {
    Proven proven = prover.prove(request, address);
    Access user = user(proven.userId());
    Set<AuthMethod> methods = factors.shown(proven, receipt);
    if (!factors.enough(user, methods)) {
      return new Outcome.MoreNeeded(user, methods);
    }
    return new Outcome.Success(issue(proven.with(methods), user, request));
  }

  private Issued issue(Proven proven, Access user, AuthRequest request) {
    if (request.scope() instanceof WantedScope.Trust wanted) {
      return issueByTrust(proven, wanted.id());
    }
    return issue(proven, key(proven, user, request.scope()));
  }

  /**
   * A token for who signed with an EC2 credential: no more than what that was made by, and only in
   * its project. What it says it was made by is its owner's word, and good for the owner's only.
   */
  Issued issueBySignature(Credential credential) {
    Ec2Blob blob = Ec2Blob.parse(credential.blob());
    Set<AuthMethod> methods = Set.of(AuthMethod.EC2CREDENTIAL);
    TokenScope scope = TokenScope.project(credential.projectId().orElse(""));
    if (blob.credentialId().isPresent()) {
      Proven proven =
          prover
              .credential(blob.credentialId().get(), methods)
              .filter(found -> found.isOf(credential.userId(), scope))
              .orElseThrow(Prover::refusal);
      TokenVia via = new TokenVia.Ec2Keys(credential.id(), proven.via());
      return issue(proven, new AccessKey(proven.userId(), scope, via));
    }
    if (blob.accessTokenId().isPresent()) {
      Proven proven =
          prover
              .accessToken(blob.accessTokenId().get(), methods)
              .filter(found -> found.isOf(credential.userId(), scope))
              .orElseThrow(Prover::refusal);
      TokenVia via = new TokenVia.Ec2Keys(credential.id(), proven.via());
      return issue(proven, new AccessKey(proven.userId(), scope, via));
    }
    Proven proven = prover.proven(credential.userId(), methods);
    if (blob.trustId().isPresent()) {
      Proven trustee = asTrustee(proven, blob.trustId().get());
      return issueByTrust(
          trustee, blob.trustId().get(), via -> new TokenVia.Ec2Keys(credential.id(), via));
    }
    TokenVia via = new TokenVia.Ec2Keys(credential.id());
    return issue(proven, new AccessKey(proven.userId(), scope, via));
  }

  /**
   * A token for a user that an identity provider vouches for; scoped only if it is a local user.
   *
   * @param receipt of methods shown before
   */
  Outcome issueFederated(
      String userId,
      AuthMethod method,
      Optional<TokenVia.Federation> via,
      Optional<String> receipt) {
    Proven proven = prover.proven(userId, Set.of(method));
    Access user = user(userId);
    Set<AuthMethod> methods = factors.shown(proven, receipt);
    if (!factors.enough(user, methods)) {
      return new Outcome.MoreNeeded(user, methods);
    }
    AccessKey key =
        via.isEmpty()
            ? key(proven, user, new WantedScope.Default())
            : new AccessKey(userId, TokenScope.UNSCOPED, via.get());
    return new Outcome.Success(issue(proven.with(methods), key));
  }

  /** A credential made with a trust's token belongs to whom the token was of. */
  private Proven asTrustee(Proven proven, String trustId) {
    return database
        .read(handle -> TrustStore.find(handle, trustId))
        .filter(trust ->
            proven.userId().equals(trust.impersonation() ? trust.trustorId() : trust.trusteeId()))
        .map(trust -> prover.proven(trust.trusteeId(), proven.methods()))
        .orElseThrow(Prover::refusal);
  }

  /** A token in the scope of a trust; takes one of its uses. */
  Issued issueByTrust(Proven proven, String trustId) {
    return issueByTrust(proven, trustId, via -> via);
  }

  private Issued issueByTrust(Proven proven, String trustId, UnaryOperator<TokenVia> through) {
    Trust trust =
        database
            .read(handle -> TrustStore.find(handle, trustId))
            .filter(found -> found.usable(clock.instant()))
            .orElseThrow(Prover::refusal);
    if (!trust.trusteeId().equals(proven.userId()) || proven.onlyScope().isPresent()) {
      throw ApiException.forbidden("User is not a trustee.");
    }
    TokenScope scope = trust.projectId().map(TokenScope::project).orElse(TokenScope.UNSCOPED);
    String userId = trust.impersonation() ? trust.trustorId() : trust.trusteeId();
    String otherId = trust.impersonation() ? trust.trusteeId() : trust.trustorId();
    TokenVia via = through.apply(new TokenVia.Trust(trustId, otherId));
    Issued issued = issue(proven, new AccessKey(userId, scope, via));
    if (trust.remainingUses().isPresent()
        && !database.transact(handle -> TrustStore.use(handle, trustId))) {
      throw Prover.refusal();
    }
    return issued;
  }

  /** The user itself, who must be there and enabled. */
  private Access user(String userId) {
    return control
        .cache()
        .find(new AccessKey(userId, TokenScope.UNSCOPED))
        .orElseThrow(Prover::refusal);
  }

  /** A token for what was proven, in the scope of the key. */
  Issued issue(Proven proven, AccessKey key) {
    Access access = control.cache().find(key).orElseThrow(() -> refusal(key));
    Token token =
        new Token(
            key.userId(),
            key.scope(),
            key.via(),
            proven.methods(),
            Timestamps.truncate(clock.instant()),
            proven.expiresAt(),
            auditId(),
            proven.chainId());
    return new Issued(codec.encode(token), token, access);
  }

  private static ApiException refusal(AccessKey key) {
    return key.via().lender() instanceof TokenVia.Trust
        ? ApiException.forbidden("Trustee has no delegated roles.")
        : Prover.refusal();
  }

  private AccessKey key(Proven proven, Access user, WantedScope wanted) {
    TokenScope scope =
        proven.onlyScope().isPresent() ? proven.onlyScope().get() : scope(wanted, user);
    return new AccessKey(proven.userId(), scope, proven.via());
  }

  private TokenScope scope(WantedScope wanted, Access user) {
    return switch (wanted) {
      case WantedScope.Unscoped _ -> TokenScope.UNSCOPED;
      case WantedScope.SystemScope _ -> TokenScope.SYSTEM;
      case WantedScope.Trust _ -> throw new IllegalArgumentException("a trust is issued apart");
      case WantedScope.Project project -> {
        Optional<String> id =
            project.project().name().isEmpty()
                ? project.project().id()
                : database.read(handle -> AuthStore.projectId(handle, project.project()));
        yield TokenScope.project(id.orElseThrow(Prover::refusal));
      }
      case WantedScope.Domain domain -> {
        Optional<String> id =
            domain.domain().id().isPresent()
                ? domain.domain().id()
                : database.read(handle -> AuthStore.domainId(handle, domain.domain()));
        yield TokenScope.domain(id.orElseThrow(Prover::refusal));
      }
      case WantedScope.Default _ -> defaultScope(user);
    };
  }

  /** The user's default project if it has a role there, else no scope. */
  private TokenScope defaultScope(Access user) {
    return user.rules()
        .defaultProjectId()
        .map(TokenScope::project)
        .filter(
            scope -> control.cache().find(new AccessKey(user.caller().userId(), scope)).isPresent())
        .orElse(TokenScope.UNSCOPED);
  }

  private String auditId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
