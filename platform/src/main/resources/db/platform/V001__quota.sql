-- What a project uses; changed only in the transaction that makes or removes the resource.
CREATE TABLE quota_usage (
  project_id text NOT NULL,
  resource text NOT NULL,
  in_use bigint NOT NULL,
  PRIMARY KEY (project_id, resource)
) WITH (fillfactor = 50);

-- Limits that differ from the default of the code; -1 is unlimited.
CREATE TABLE quota_limit (
  project_id text NOT NULL,
  resource text NOT NULL,
  maximum bigint NOT NULL CHECK (maximum >= -1),
  PRIMARY KEY (project_id, resource)
);
