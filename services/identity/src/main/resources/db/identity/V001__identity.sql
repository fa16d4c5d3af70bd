-- A domain is a project that acts as one (is_domain), as in the reference: its children have it as
-- parent_id, and both kinds share one space of ids.
CREATE TABLE identity.project (
  id text PRIMARY KEY,
  name text NOT NULL,
  domain_id text REFERENCES identity.project (id),
  parent_id text REFERENCES identity.project (id),
  is_domain boolean NOT NULL,
  description text NOT NULL,
  enabled boolean NOT NULL,
  options jsonb NOT NULL,
  extra jsonb NOT NULL,
  -- Tokens issued before this moment are refused: it moves when the project is disabled.
  tokens_valid_after timestamptz NOT NULL DEFAULT 'epoch',
  CONSTRAINT project_kind CHECK (is_domain = (domain_id IS NULL)),
  CONSTRAINT project_parent CHECK (is_domain = (parent_id IS NULL))
);
CREATE UNIQUE INDEX project_name_unique ON identity.project (domain_id, name) WHERE NOT is_domain;
CREATE UNIQUE INDEX domain_name_unique ON identity.project (name) WHERE is_domain;
CREATE INDEX project_parent_index ON identity.project (parent_id);
CREATE INDEX project_name_index ON identity.project (name);

CREATE TABLE identity.project_tag (
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  tag text NOT NULL,
  PRIMARY KEY (project_id, tag)
);

CREATE TABLE identity.account (
  id text PRIMARY KEY,
  domain_id text NOT NULL REFERENCES identity.project (id),
  name text NOT NULL,
  enabled boolean NOT NULL,
  -- May name a project that is gone: the reference ignores it then.
  default_project_id text,
  password_hash text,
  password_set_at timestamptz,
  password_expires_at timestamptz,
  options jsonb NOT NULL,
  extra jsonb NOT NULL,
  tokens_valid_after timestamptz NOT NULL DEFAULT 'epoch',
  CONSTRAINT account_name_unique UNIQUE (domain_id, name)
);
CREATE INDEX account_name_index ON identity.account (name);
CREATE INDEX account_default_project_index ON identity.account (default_project_id);

CREATE TABLE identity.user_group (
  id text PRIMARY KEY,
  domain_id text NOT NULL REFERENCES identity.project (id),
  name text NOT NULL,
  description text NOT NULL,
  extra jsonb NOT NULL,
  CONSTRAINT group_name_unique UNIQUE (domain_id, name)
);

CREATE TABLE identity.membership (
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  group_id text NOT NULL REFERENCES identity.user_group (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id)
);
CREATE INDEX membership_group_index ON identity.membership (group_id);

CREATE TABLE identity.role (
  id text PRIMARY KEY,
  domain_id text REFERENCES identity.project (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  options jsonb NOT NULL,
  extra jsonb NOT NULL
);
CREATE UNIQUE INDEX role_name_unique ON identity.role (coalesce(domain_id, ''), name);

CREATE TABLE identity.implied_role (
  prior_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  implied_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  PRIMARY KEY (prior_id, implied_id)
);

-- Who has which role where. target_id is empty for the system; kind tells a grant on a domain from
-- one on the project that acts as this domain.
CREATE TABLE identity.assignment (
  user_id text REFERENCES identity.account (id) ON DELETE CASCADE,
  group_id text REFERENCES identity.user_group (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('project', 'domain', 'system')),
  target_id text REFERENCES identity.project (id) ON DELETE CASCADE,
  role_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  inherited boolean NOT NULL,
  CONSTRAINT assignment_actor CHECK ((user_id IS NULL) <> (group_id IS NULL)),
  CONSTRAINT assignment_target CHECK ((kind = 'system') = (target_id IS NULL))
);
CREATE UNIQUE INDEX assignment_user_unique ON identity.assignment
  (user_id, kind, coalesce(target_id, ''), role_id, inherited) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX assignment_group_unique ON identity.assignment
  (group_id, kind, coalesce(target_id, ''), role_id, inherited) WHERE group_id IS NOT NULL;
CREATE INDEX assignment_target_index ON identity.assignment (target_id);
CREATE INDEX assignment_role_index ON identity.assignment (role_id);

CREATE TABLE identity.region (
  id text PRIMARY KEY,
  parent_id text REFERENCES identity.region (id),
  description text NOT NULL,
  extra jsonb NOT NULL
);
CREATE INDEX region_parent_index ON identity.region (parent_id);

CREATE TABLE identity.service (
  id text PRIMARY KEY,
  type text NOT NULL,
  name text,
  description text,
  enabled boolean NOT NULL,
  extra jsonb NOT NULL
);

CREATE TABLE identity.endpoint (
  id text PRIMARY KEY,
  service_id text NOT NULL REFERENCES identity.service (id) ON DELETE CASCADE,
  region_id text REFERENCES identity.region (id),
  interface text NOT NULL CHECK (interface IN ('public', 'internal', 'admin')),
  url text NOT NULL,
  enabled boolean NOT NULL,
  extra jsonb NOT NULL,
  -- Set on what bootstrap made: the path under the cloud's base URL, which may change.
  bootstrap_path text
);
CREATE INDEX endpoint_service_index ON identity.endpoint (service_id);
CREATE INDEX endpoint_region_index ON identity.endpoint (region_id);
CREATE UNIQUE INDEX endpoint_bootstrap_unique ON identity.endpoint (service_id, interface)
  WHERE bootstrap_path IS NOT NULL;

-- The newest key signs; the others verify until the last token they signed has expired.
CREATE TABLE identity.token_key (
  id int PRIMARY KEY CHECK (id BETWEEN 1 AND 65535),
  secret bytea NOT NULL,
  created_at timestamptz NOT NULL
);

-- Single tokens that were revoked; what concerns a user or project as a whole is
-- tokens_valid_after there. Rows live as long as the longest token.
CREATE TABLE identity.revocation (
  audit_id text PRIMARY KEY,
  revoked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX revocation_expiry_index ON identity.revocation (expires_at);
