-- A secret by which a program acts for a user in one project, with some of the user's roles.
CREATE TABLE identity.application_credential (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  secret_hash text NOT NULL,
  unrestricted boolean NOT NULL,
  expires_at timestamptz,
  CONSTRAINT application_credential_name_unique UNIQUE (user_id, name)
);
CREATE INDEX application_credential_project_index ON identity.application_credential (project_id);

CREATE TABLE identity.application_credential_role (
  credential_id text NOT NULL REFERENCES identity.application_credential (id) ON DELETE CASCADE,
  role_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  PRIMARY KEY (credential_id, role_id)
);
CREATE INDEX application_credential_role_index ON identity.application_credential_role (role_id);

-- Rules belong to the user and may serve several credentials.
CREATE TABLE identity.access_rule (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  service text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  CONSTRAINT access_rule_unique UNIQUE (user_id, service, method, path)
);

-- Checked at the commit, for a user goes with rules and credentials in no certain order; who removes
-- a single rule has it checked at once.
CREATE TABLE identity.application_credential_rule (
  credential_id text NOT NULL REFERENCES identity.application_credential (id) ON DELETE CASCADE,
  rule_id text NOT NULL,
  position int NOT NULL,
  PRIMARY KEY (credential_id, rule_id),
  CONSTRAINT access_rule_in_use FOREIGN KEY (rule_id) REFERENCES identity.access_rule (id)
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX application_credential_rule_index ON identity.application_credential_rule (rule_id);

-- A user that loses a role in a project loses its credentials there, by whatever way the role went.
CREATE FUNCTION identity.drop_application_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM identity.application_credential
  WHERE user_id = OLD.user_id AND project_id = OLD.target_id;
  RETURN NULL;
END $$;
CREATE TRIGGER assignment_dropped AFTER DELETE ON identity.assignment FOR EACH ROW
  WHEN (OLD.user_id IS NOT NULL AND OLD.kind = 'project')
  EXECUTE FUNCTION identity.drop_application_credentials();
