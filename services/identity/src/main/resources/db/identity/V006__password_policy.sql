-- Whether the user chose its password itself; an administrator's choice has no minimum age.
ALTER TABLE identity.account ADD COLUMN password_self_service boolean NOT NULL DEFAULT false;
-- The last day the user logged in, kept only if users are to be disabled when they do not.
ALTER TABLE identity.account ADD COLUMN last_active_on date;
ALTER TABLE identity.account ADD COLUMN created_at timestamptz;

CREATE TABLE identity.password_history (
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  set_at timestamptz NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (user_id, set_at)
);

-- Failed logins since the last good one, by the address they came from, so that one address locks
-- only itself out; and the addresses that the user is known to come from.
CREATE TABLE identity.login_address (
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  address text NOT NULL,
  failures int NOT NULL DEFAULT 0,
  failed_at timestamptz,
  succeeded_at timestamptz,
  PRIMARY KEY (user_id, address)
);
