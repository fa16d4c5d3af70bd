-- A credential that was made by another's token goes with that one.
ALTER TABLE identity.application_credential ADD COLUMN made_by text
  CONSTRAINT application_credential_made_by REFERENCES identity.application_credential (id)
  ON DELETE CASCADE;
CREATE INDEX application_credential_made_by_index ON identity.application_credential (made_by);
