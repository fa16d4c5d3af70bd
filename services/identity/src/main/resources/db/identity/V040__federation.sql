-- Identity providers, and by which protocols and mappings their users become users here. Tokens made
-- through a provider or protocol before tokens_valid_after are refused: it moves when it is disabled.
CREATE TABLE identity.identity_provider (
  id text PRIMARY KEY,
  domain_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  enabled boolean NOT NULL,
  description text,
  -- Minutes that a group membership outlives the token it came with.
  authorization_ttl int CHECK (authorization_ttl >= 0),
  tokens_valid_after timestamptz NOT NULL
);
CREATE INDEX identity_provider_domain_index ON identity.identity_provider (domain_id);

CREATE TABLE identity.provider_remote_id (
  remote_id text NOT NULL,
  provider_id text NOT NULL REFERENCES identity.identity_provider (id) ON DELETE CASCADE,
  CONSTRAINT provider_remote_id_unique PRIMARY KEY (remote_id)
);
CREATE INDEX provider_remote_id_provider_index ON identity.provider_remote_id (provider_id);

-- Rules as they were given: jsonb would sort their keys.
CREATE TABLE identity.mapping (
  id text PRIMARY KEY,
  rules json NOT NULL,
  schema_version text NOT NULL
);

-- As in the reference a mapping may be deleted while protocols name it; logins fail then.
CREATE TABLE identity.federation_protocol (
  provider_id text NOT NULL REFERENCES identity.identity_provider (id) ON DELETE CASCADE,
  id text NOT NULL,
  mapping_id text NOT NULL,
  remote_id_attribute text,
  tokens_valid_after timestamptz NOT NULL,
  PRIMARY KEY (provider_id, id)
);

CREATE TABLE identity.service_provider (
  id text PRIMARY KEY,
  enabled boolean NOT NULL,
  description text,
  auth_url text NOT NULL,
  sp_url text NOT NULL,
  relay_state_prefix text NOT NULL
);

-- Users that a login elsewhere made; their names are what the provider calls them, unique to nobody.
ALTER TABLE identity.account ADD COLUMN federated boolean NOT NULL DEFAULT false;
ALTER TABLE identity.account DROP CONSTRAINT account_name_unique;
CREATE UNIQUE INDEX account_name_unique ON identity.account (domain_id, name) WHERE NOT federated;
CREATE INDEX account_federated_index ON identity.account (id) WHERE federated;

-- Who somebody is at a provider; one user here may be several there.
CREATE TABLE identity.federated_identity (
  provider_id text NOT NULL,
  protocol_id text NOT NULL,
  unique_id text NOT NULL,
  user_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  PRIMARY KEY (provider_id, protocol_id, unique_id),
  CONSTRAINT federated_identity_protocol FOREIGN KEY (provider_id, protocol_id)
    REFERENCES identity.federation_protocol (provider_id, id) ON DELETE CASCADE
);
CREATE INDEX federated_identity_user_index ON identity.federated_identity (user_id);

-- Until then the membership counts for the tokens of the login that told of it; until expires_at
-- also for what else acts for the user, such as application credentials.
ALTER TABLE identity.federated_membership
  ADD COLUMN login_until timestamptz NOT NULL DEFAULT 'epoch';

-- Web logins that came to their end: none does so twice.
CREATE TABLE identity.web_login (
  id text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX web_login_expiry_index ON identity.web_login (expires_at);
