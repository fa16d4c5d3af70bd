package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenScope.Kind;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Finds what a user may do in a scope, with one statement. */
final class AccessStore {
  /** Assignments on the target itself, or inherited from what is above it. */
  private static final String HERE =
      """
      ((a.kind = :kind AND NOT a.inherited AND coalesce(a.target_id, '') = :target)
        OR (:kind = 'project' AND a.inherited AND a.target_id IN (SELECT id FROM ancestor)))
      """;

  private static final String SELECT =
      """
      SELECT u.id, u.name, u.domain_id, d.name AS domain_name, u.password_expires_at,
        u.default_project_id, u.options::text AS options,
        p.id AS target_id, p.name AS target_name, p.is_domain AS target_is_domain,
        p.domain_id AS target_domain_id, pd.name AS target_domain_name,
      """;

  private static final String ROLES =
      """
        ARRAY(SELECT r.id || ' ' || r.name FROM identity.role r
          WHERE r.domain_id IS NULL AND r.id IN (SELECT role_id FROM %s)
          ORDER BY r.name) AS roles
      """;

  private static final String FROM =
      """
      FROM identity.account u
      JOIN identity.project d ON d.id = u.domain_id
      LEFT JOIN identity.project p ON p.id = :target
      LEFT JOIN identity.project pd ON pd.id = p.domain_id
      """;

  private static final String ENABLED =
      """
      WHERE u.id = :user AND u.enabled AND d.enabled
        AND coalesce(p.enabled, true) AND coalesce(pd.enabled, true)
      """;

  private static final String VALID_AFTER =
      """
      greatest(u.tokens_valid_after, d.tokens_valid_after, p.tokens_valid_after,
        pd.tokens_valid_after) AS tokens_valid_after,
      """;

  /** When the next of the groups ends for which a provider vouches. */
  private static final String VALID_UNTIL =
      """
      (SELECT min(f.expires_at) FROM identity.federated_membership f
        WHERE f.user_id = :user AND f.expires_at > :now) AS valid_until,
      """;

  /** By the user's own login. */
  private static final String OWN =
      "WITH RECURSIVE "
          + effective(":user")
          + SELECT
          + VALID_AFTER
          + """
          ARRAY(SELECT f.group_id FROM identity.federated_membership f
            WHERE f.user_id = :user AND f.expires_at > :now ORDER BY f.group_id) AS groups,
          """
          + VALID_UNTIL
          + ROLES.formatted("effective")
          + FROM
          + ENABLED;

  /**
   * By a login at an identity provider, as long as that is enabled and knows the user. Its groups
   * count until they expire, but at least as long as the tokens of the login that told of them.
   */
  private static final String FEDERATION =
      "WITH RECURSIVE "
          + effective(":user")
          + SELECT
          + """
          greatest(u.tokens_valid_after, d.tokens_valid_after, p.tokens_valid_after,
            pd.tokens_valid_after, ip.tokens_valid_after, fp.tokens_valid_after)
            AS tokens_valid_after,
          ARRAY(SELECT f.group_id FROM identity.federated_membership f
            WHERE f.user_id = :user AND f.provider_id = :provider
              AND greatest(f.expires_at, f.login_until) > :now ORDER BY f.group_id) AS groups,
          (SELECT min(until) FROM identity.federated_membership f,
            LATERAL (VALUES (f.expires_at), (f.login_until)) AS ends (until)
            WHERE f.user_id = :user AND until > :now) AS valid_until,
          """
          + ROLES.formatted("effective")
          + FROM
          + """
          JOIN identity.identity_provider ip ON ip.id = :provider AND ip.enabled
          JOIN identity.federation_protocol fp ON fp.provider_id = ip.id AND fp.id = :protocol
          """
          + ENABLED
          + """
          AND EXISTS (SELECT 1 FROM identity.federated_identity i WHERE i.user_id = u.id
            AND i.provider_id = ip.id AND i.protocol_id = fp.id)
          """;

  /** By an application credential: its roles, of those that the user still has. */
  private static final String CREDENTIAL =
      "WITH RECURSIVE "
          + effective(":user")
          + SELECT
          + VALID_AFTER
          + """
          c.id AS credential_id, c.name AS credential_name, c.unrestricted,
          ARRAY(SELECT concat_ws(' ', r.id, r.service, r.method, r.path)
            FROM identity.application_credential_rule cr
            JOIN identity.access_rule r ON r.id = cr.rule_id
            WHERE cr.credential_id = c.id ORDER BY cr.position) AS rules,
          """
          + VALID_UNTIL
          + ROLES.formatted(
              """
              effective NATURAL JOIN identity.application_credential_role cr
                WHERE cr.credential_id = c.id\
              """)
          + FROM
          + """
          JOIN identity.application_credential c ON c.id = :via AND c.user_id = u.id
            AND c.project_id = p.id AND coalesce(c.expires_at > :now, true)
          """
          + ENABLED;

  /** By an access token: its roles and what they imply, of those that the user still has. */
  private static final String ACCESS_TOKEN =
      "WITH RECURSIVE "
          + effective(":user")
          + """
          , lent (role_id) AS (
            SELECT role_id FROM identity.access_token_role WHERE access_token_id = :via
            UNION
            SELECT i.implied_id FROM lent l JOIN identity.implied_role i ON i.prior_id = l.role_id
          )
          """
          + SELECT
          + VALID_AFTER
          + VALID_UNTIL
          + ROLES.formatted("effective NATURAL JOIN lent")
          + FROM
          + """
          JOIN identity.access_token t ON t.id = :via AND t.user_id = u.id
            AND t.project_id = p.id AND t.consumer_id = :other
          """
          + ENABLED;

  /** By EC2 keys, as long as the user has them for the project. */
  private static final String EC2_KEYS =
      "WITH RECURSIVE "
          + effective(":user")
          + SELECT
          + VALID_AFTER
          + VALID_UNTIL
          + ROLES.formatted("effective")
          + FROM
          + """
          JOIN identity.credential k ON k.id = :via AND k.type = 'ec2' AND k.user_id = u.id
            AND k.project_id = p.id
          """
          + ENABLED;

  /** A trust and those that it was made from. */
  private static final String CHAIN =
      """
      WITH RECURSIVE chain (id, trustor_id, trustee_id, parent_id, expires_at) AS (
        SELECT t.id, t.trustor_id, t.trustee_id, t.redelegated_trust_id, t.expires_at
        FROM identity.trust t WHERE t.id = :via
        UNION ALL
        SELECT t.id, t.trustor_id, t.trustee_id, t.redelegated_trust_id, t.expires_at
        FROM chain c JOIN identity.trust t ON t.id = c.parent_id
      )
      """;

  /**
   * By a trust: the roles lent and what they imply, as long as the first trustor of the chain still
   * has them all and everyone in the chain is enabled.
   */
  private static final String TRUST =
      CHAIN
          + ", "
          + effective("(SELECT trustor_id FROM chain WHERE parent_id IS NULL)")
          + """
          , lent (role_id) AS (
            SELECT role_id FROM identity.trust_role WHERE trust_id = :via
            UNION
            SELECT i.implied_id FROM lent l JOIN identity.implied_role i ON i.prior_id = l.role_id
          ), agent AS (
            SELECT a.enabled AND ad.enabled AS enabled,
              greatest(a.tokens_valid_after, ad.tokens_valid_after) AS valid_after
            FROM chain c JOIN identity.account a ON a.id IN (c.trustor_id, c.trustee_id)
            JOIN identity.project ad ON ad.id = a.domain_id
          )
          """
          + SELECT
          + """
          greatest(p.tokens_valid_after, pd.tokens_valid_after,
            (SELECT max(valid_after) FROM agent)) AS tokens_valid_after,
          t.id AS trust_id, t.trustor_id, t.trustee_id, t.impersonation,
          least((SELECT min(expires_at) FROM chain),
            (SELECT min(f.expires_at) FROM identity.federated_membership f
              WHERE f.user_id = (SELECT trustor_id FROM chain WHERE parent_id IS NULL)
                AND f.expires_at > :now)) AS valid_until,
          """
          + ROLES.formatted("lent")
          + FROM
          + """
          JOIN identity.trust t ON t.id = :via
            AND coalesce(t.project_id, '') = :target
            AND u.id = CASE WHEN t.impersonation THEN t.trustor_id ELSE t.trustee_id END
            AND :other = CASE WHEN t.impersonation THEN t.trustee_id ELSE t.trustor_id END
          """
          + ENABLED
          + """
          AND (SELECT bool_and(enabled) FROM agent)
          AND NOT EXISTS (SELECT 1 FROM chain WHERE expires_at <= :now)
          AND NOT EXISTS (SELECT role_id FROM lent EXCEPT SELECT role_id FROM effective)
          """;

  private AccessStore() {}

  /**
   * Roles are held directly or through groups, and imply others. Each of these ways begins with
   * whose roles count, so that it reads only that user's assignments; an OR of them would read all.
   *
   * @param holder whose roles count
   */
  private static String effective(String holder) {
    return """
    ancestor (id, parent_id) AS (
      SELECT p.id, p.parent_id FROM identity.project c
      JOIN identity.project p ON p.id = c.parent_id WHERE c.id = :target
      UNION ALL
      SELECT p.id, p.parent_id FROM ancestor a JOIN identity.project p ON p.id = a.parent_id
    ), held (role_id) AS (
      SELECT a.role_id FROM identity.assignment a WHERE a.user_id = %1$s AND %2$s
      UNION ALL
      SELECT a.role_id FROM identity.membership m
      JOIN identity.assignment a ON a.group_id = m.group_id
      WHERE m.user_id = %1$s AND %2$s
      UNION ALL
      SELECT a.role_id FROM identity.federated_membership f
      JOIN identity.assignment a ON a.group_id = f.group_id
      WHERE f.user_id = %1$s AND %2$s AND (f.expires_at > :now
        OR (f.provider_id = :provider AND f.login_until > :now))
    ), effective (role_id) AS (
      SELECT role_id FROM held
      UNION
      SELECT i.implied_id FROM effective e
      JOIN identity.implied_role i ON i.prior_id = e.role_id
    )
    """
        .formatted(holder, HERE);
  }

  static Optional<Access> find(Handle handle, AccessKey key, Instant now) {
    TokenScope scope = key.scope();
    TokenVia via = key.via().lender();
    // The statement for keys that the user itself made asks for them anyway.
    if (key.via() instanceof TokenVia.Ec2Keys keys
        && !via.equals(keys)
        && !hasKeys(handle, key.userId(), keys)) {
      return Optional.empty();
    }
    String statement =
        switch (via) {
          case TokenVia.Own _ -> OWN;
          case TokenVia.Federation _ -> FEDERATION;
          case TokenVia.Credential _ -> CREDENTIAL;
          case TokenVia.Trust _ -> TRUST;
          case TokenVia.AccessToken _ -> ACCESS_TOKEN;
          case TokenVia.Ec2Keys _ -> EC2_KEYS;
        };
    return handle
        .createQuery(statement)
        .bind("user", key.userId())
        .bind("target", scope.id())
        .bind("kind", kind(scope.kind()))
        .bind("now", Utc.of(now))
        .bind("via", viaId(via))
        .bind("provider", via instanceof TokenVia.Federation by ? by.providerId() : "")
        .bind("protocol", via instanceof TokenVia.Federation by ? by.protocolId() : "")
        .bind("other", otherId(via))
        .map((row, _) -> AccessRow.access(row, scope.kind(), via))
        .findOne()
        .flatMap(found -> found);
  }

  /** Whatever made the keys, nothing is lent through them any more when they are gone. */
  private static boolean hasKeys(Handle handle, String userId, TokenVia.Ec2Keys keys) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM identity.credential
              WHERE id = :id AND user_id = :user AND type = 'ec2')
            """)
        .bind("id", keys.credentialId())
        .bind("user", userId)
        .mapTo(Boolean.class)
        .one();
  }

  /** The trusts that a trust was made from, and all users between whom they lend. */
  static List<String> chain(Handle handle, String trustId) {
    return handle
        .createQuery(
            CHAIN
                + """
                SELECT id FROM chain UNION SELECT trustor_id FROM chain
                UNION SELECT trustee_id FROM chain
                """)
        .bind("via", trustId)
        .mapTo(String.class)
        .list();
  }

  private static String viaId(TokenVia via) {
    return switch (via) {
      case TokenVia.Credential credential -> credential.id();
      case TokenVia.Trust trust -> trust.id();
      case TokenVia.AccessToken token -> token.id();
      case TokenVia.Ec2Keys keys -> keys.credentialId();
      case TokenVia.Own _, TokenVia.Federation _ -> "";
    };
  }

  private static String otherId(TokenVia via) {
    return switch (via) {
      case TokenVia.Trust trust -> trust.otherId();
      case TokenVia.AccessToken token -> token.consumerId();
      case TokenVia.Own _, TokenVia.Federation _, TokenVia.Credential _, TokenVia.Ec2Keys _ -> "";
    };
  }

  private static String kind(Kind kind) {
    return switch (kind) {
      case PROJECT -> "project";
      case DOMAIN -> "domain";
      case SYSTEM -> "system";
      case UNSCOPED -> "";
    };
  }
}
