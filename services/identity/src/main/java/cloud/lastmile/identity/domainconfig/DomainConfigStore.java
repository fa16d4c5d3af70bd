package cloud.lastmile.identity.domainconfig;

import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.credential.CredentialKeys.Encrypted;
import cloud.lastmile.identity.domainconfig.DomainOptions.Option;
import cloud.lastmile.platform.core.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.RowView;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The SQL of domains' options, of which the sensitive ones are encrypted at rest. */
public final class DomainConfigStore {
  private static final String WHICH =
      """
      domain_id = :domain AND (:group::text IS NULL OR option_group = :group)
      AND (:option::text IS NULL OR option = :option)
      """;

  private final CredentialKeys keys;

  public DomainConfigStore(CredentialKeys keys) {
    this.keys = keys;
  }

  /** The options that may be shown. */
  static List<Option> list(
      Handle handle, String domainId, Optional<String> group, Optional<String> option) {
    return handle
        .createQuery(
            "SELECT option_group, option, value::text AS value FROM identity.domain_config WHERE "
                + WHICH
                + " AND NOT sensitive ORDER BY option_group, option")
        .bind("domain", domainId)
        .bind("group", group.orElse(null))
        .bind("option", option.orElse(null))
        .map((row, _) ->
            new Option(
                row.getString("option_group"),
                row.getString("option"),
                Json.mapper().readTree(row.getString("value"))))
        .list();
  }

  /** Whether there are such options, sensitive ones included. */
  static boolean exists(
      Handle handle, String domainId, Optional<String> group, Optional<String> option) {
    return handle
        .createQuery("SELECT EXISTS (SELECT 1 FROM identity.domain_config WHERE " + WHICH + ")")
        .bind("domain", domainId)
        .bind("group", group.orElse(null))
        .bind("option", option.orElse(null))
        .mapTo(Boolean.class)
        .one();
  }

  void put(Handle handle, String domainId, List<Option> options) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO identity.domain_config
              (domain_id, option_group, option, value, sensitive, key_id, encrypted)
            VALUES (?, ?, ?, CAST(? AS jsonb), ?, ?, ?)
            ON CONFLICT (domain_id, option_group, option) DO UPDATE SET value = excluded.value,
              key_id = excluded.key_id, encrypted = excluded.encrypted
            """);
    for (Option option : options) {
      String value = option.value().toString();
      Encrypted hidden =
          option.sensitive()
              ? keys.encrypt(place(domainId, option.group(), option.name()), value)
              : null;
      batch.add(
          domainId,
          option.group(),
          option.name(),
          hidden == null ? value : "null",
          option.sensitive(),
          hidden == null ? null : hidden.keyId(),
          hidden == null ? null : hidden.bytes());
    }
    batch.execute();
  }

  /** As {@link CredentialKeys} names the row. */
  private static String place(String domainId, String group, String option) {
    return domainId + "/" + group + "/" + option;
  }

  /** Encrypts what an earlier release stored in the clear. */
  public void encryptPlain(Handle handle) {
    record Plain(String domainId, Option option) {}
    List<Plain> plain =
        handle
            .createQuery(
                """
                SELECT domain_id, option_group, option, value::text AS value
                FROM identity.domain_config WHERE sensitive AND encrypted IS NULL FOR UPDATE
                """)
            .map((row, _) ->
                new Plain(
                    row.getString("domain_id"),
                    new Option(
                        row.getString("option_group"),
                        row.getString("option"),
                        Json.mapper().readTree(row.getString("value")))))
            .list();
    plain.forEach(row -> put(handle, row.domainId(), List.of(row.option())));
  }

  /** Whether there was any. */
  static boolean delete(
      Handle handle, String domainId, Optional<String> group, Optional<String> option) {
    return handle
            .createUpdate("DELETE FROM identity.domain_config WHERE " + WHICH)
            .bind("domain", domainId)
            .bind("group", group.orElse(null))
            .bind("option", option.orElse(null))
            .execute()
        > 0;
  }

  /**
   * All options of the group {@code ldap}, and {@code driver}, of domains whose driver is not the
   * database, by domain.
   */
  public Map<String, Map<String, JsonNode>> ldapDomains(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT c.domain_id, c.option, c.value::text AS value, c.key_id, c.encrypted
            FROM identity.domain_config c
            WHERE (c.option_group = 'ldap'
                OR c.option_group = 'identity' AND c.option = 'driver')
              AND EXISTS (
                SELECT 1 FROM identity.domain_config d WHERE d.domain_id = c.domain_id
                  AND d.option_group = 'identity' AND d.option = 'driver'
                  AND d.value NOT IN ('"sql"', '""', 'null'))
            """)
        .reduceRows(
            new HashMap<String, Map<String, JsonNode>>(),
            (all, row) -> {
              all.computeIfAbsent(row.getColumn("domain_id", String.class), _ -> new HashMap<>())
                  .put(
                      row.getColumn("option", String.class),
                      Json.mapper().readTree(value(handle, row)));
              return all;
            });
  }

  /** The positive {@code list_limit} of domains that have one. */
  public static Map<String, Integer> listLimits(Handle handle) {
    Map<String, Integer> limits = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT domain_id, value #>> '{}' AS value FROM identity.domain_config
            WHERE option_group = 'identity' AND option = 'list_limit'
            """)
        .map((row, _) -> Map.entry(row.getString("domain_id"), limit(row.getString("value"))))
        .forEach(entry -> limits.put(entry.getKey(), entry.getValue()));
    limits.values().removeIf(limit -> limit <= 0);
    return Map.copyOf(limits);
  }

  /** What an earlier release took for one may be none. */
  private static int limit(@Nullable String value) {
    return value != null && value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : 0;
  }

  private String value(Handle handle, RowView row) {
    Integer keyId = row.getColumn("key_id", Integer.class);
    if (keyId == null) {
      return row.getColumn("value", String.class);
    }
    return keys.decrypt(
        handle,
        place(
            row.getColumn("domain_id", String.class),
            "ldap",
            row.getColumn("option", String.class)),
        new Encrypted(keyId, row.getColumn("encrypted", byte[].class)));
  }
}
