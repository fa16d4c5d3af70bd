-- Sensitive options are encrypted as credentials are; their value is then null. Rows of before are
-- encrypted when a node starts.
ALTER TABLE identity.domain_config
  ADD COLUMN key_id int REFERENCES identity.credential_key (id),
  ADD COLUMN encrypted bytea,
  ADD CONSTRAINT domain_config_encrypted CHECK ((key_id IS NULL) = (encrypted IS NULL));
CREATE INDEX domain_config_key_index ON identity.domain_config (key_id);
