-- The keys that credentials are encrypted with, themselves encrypted with the operator's key, which
-- is not in the database. The newest encrypts.
CREATE TABLE identity.credential_key (
  id int PRIMARY KEY CHECK (id >= 1),
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL
);

-- The id of an EC2 credential is the SHA-256 of its access key, by which it is found.
CREATE TABLE identity.credential (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  project_id text REFERENCES identity.project (id) ON DELETE CASCADE,
  type text NOT NULL,
  key_id int NOT NULL REFERENCES identity.credential_key (id),
  encrypted bytea NOT NULL,
  extra jsonb NOT NULL
);
CREATE INDEX credential_user_index ON identity.credential (user_id, type);
CREATE INDEX credential_project_index ON identity.credential (project_id);
CREATE INDEX credential_key_index ON identity.credential (key_id);

-- One-time passwords are good once: the newest time step that a user logged in with.
CREATE TABLE identity.totp_use (
  credential_id text PRIMARY KEY REFERENCES identity.credential (id) ON DELETE CASCADE,
  step bigint NOT NULL
);
