-- Programs that act for users by OAuth 1. Signatures are checked with their secrets, so these are
-- encrypted, not hashed, as credentials are.
CREATE TABLE identity.consumer (
  id text PRIMARY KEY,
  description text,
  key_id int NOT NULL REFERENCES identity.credential_key (id),
  encrypted bytea NOT NULL,
  extra jsonb NOT NULL
);
CREATE INDEX consumer_key_index ON identity.consumer (key_id);

-- What a consumer asks a user to agree to; verifier, user and roles are set when the user does. Goes
-- when it is used or has expired.
CREATE TABLE identity.request_token (
  id text PRIMARY KEY,
  consumer_id text NOT NULL REFERENCES identity.consumer (id) ON DELETE CASCADE,
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  key_id int NOT NULL REFERENCES identity.credential_key (id),
  encrypted bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  verifier text,
  user_id text REFERENCES identity.account (id) ON DELETE CASCADE,
  role_ids text[] NOT NULL DEFAULT '{}',
  CONSTRAINT request_token_authorized CHECK ((verifier IS NULL) = (user_id IS NULL))
);
CREATE INDEX request_token_consumer_index ON identity.request_token (consumer_id);
CREATE INDEX request_token_project_index ON identity.request_token (project_id);
CREATE INDEX request_token_user_index ON identity.request_token (user_id);
CREATE INDEX request_token_expiry_index ON identity.request_token (expires_at);
CREATE INDEX request_token_key_index ON identity.request_token (key_id);

-- Roles in a project that a user lends to a consumer.
CREATE TABLE identity.access_token (
  id text PRIMARY KEY,
  consumer_id text NOT NULL REFERENCES identity.consumer (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  key_id int NOT NULL REFERENCES identity.credential_key (id),
  encrypted bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX access_token_consumer_index ON identity.access_token (consumer_id);
CREATE INDEX access_token_user_index ON identity.access_token (user_id);
CREATE INDEX access_token_project_index ON identity.access_token (project_id);
CREATE INDEX access_token_key_index ON identity.access_token (key_id);

CREATE TABLE identity.access_token_role (
  access_token_id text NOT NULL REFERENCES identity.access_token (id) ON DELETE CASCADE,
  role_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  PRIMARY KEY (access_token_id, role_id)
);
CREATE INDEX access_token_role_role_index ON identity.access_token_role (role_id);

-- Signed requests that were seen, so that none is good twice; kept as long as their times are.
CREATE TABLE identity.oauth_nonce (
  consumer_id text NOT NULL REFERENCES identity.consumer (id) ON DELETE CASCADE,
  token_id text NOT NULL,
  stamp bigint NOT NULL,
  nonce text NOT NULL,
  PRIMARY KEY (consumer_id, token_id, stamp, nonce)
);
CREATE INDEX oauth_nonce_stamp_index ON identity.oauth_nonce (stamp);
