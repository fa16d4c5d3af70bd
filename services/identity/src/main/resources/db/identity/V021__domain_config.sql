-- The options of domains whose users are elsewhere. Sensitive ones are never shown.
CREATE TABLE identity.domain_config (
  domain_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  option_group text NOT NULL,
  option text NOT NULL,
  value jsonb NOT NULL,
  sensitive boolean NOT NULL,
  PRIMARY KEY (domain_id, option_group, option)
);

-- Who of a directory is which user or group here: the id is made from the three, once.
CREATE TABLE identity.id_mapping (
  public_id text PRIMARY KEY,
  domain_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  entity_type text NOT NULL CHECK (entity_type IN ('user', 'group')),
  local_id text NOT NULL,
  CONSTRAINT id_mapping_unique UNIQUE (domain_id, entity_type, local_id)
);
