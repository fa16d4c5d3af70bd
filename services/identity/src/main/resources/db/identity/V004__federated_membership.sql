-- Groups that an identity provider said a user is in; they count until they expire, and every login
-- there says so afresh.
CREATE TABLE identity.federated_membership (
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  group_id text NOT NULL REFERENCES identity.user_group (id) ON DELETE CASCADE,
  provider_id text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, group_id, provider_id)
);
CREATE INDEX federated_membership_group_index ON identity.federated_membership (group_id);
