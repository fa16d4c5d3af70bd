package cloud.lastmile.identity.user;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Disables users that did not log in for as long as the operator allows, so that they are shown as
 * disabled and nothing of theirs is good, application credentials included. Who enables one again
 * gives it as long once more.
 */
public final class InactiveUsers {
  private final Changes changes;
  private final PasswordPolicy policy;
  private final InstantSource clock;

  public InactiveUsers(Changes changes, PasswordPolicy policy, InstantSource clock) {
    this.changes = changes;
    this.policy = policy;
    this.clock = clock;
  }

  public void disable() {
    if (policy.inactiveDays() == 0) {
      return;
    }
    Instant now = clock.instant();
    LocalDate longAgo = LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(policy.inactiveDays());
    changes.change((handle, touched) -> {
      List<String> disabled =
          handle
              .createQuery(
                  """
                  UPDATE identity.account SET enabled = false, tokens_valid_after = :now
                  WHERE enabled
                    AND coalesce(last_active_on, (created_at AT TIME ZONE 'UTC')::date) <= :day
                    AND coalesce(options ->> 'ignore_user_inactivity', 'false') <> 'true'
                  RETURNING id
                  """)
              .bind("now", Utc.of(now))
              .bind("day", longAgo)
              .mapTo(String.class)
              .list();
      for (String id : disabled) {
        touched.user(id);
        touched.event("user", id, "updated");
      }
    });
  }
}
