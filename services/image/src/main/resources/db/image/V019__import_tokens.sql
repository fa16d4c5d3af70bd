-- The token that an import acts with, encrypted with the operator's key; gone when the import ends.
CREATE TABLE import_token (
  task_id uuid PRIMARY KEY REFERENCES task (id) ON DELETE CASCADE,
  sealed bytea NOT NULL
);
