-- Jobs: sagas under way. A finished job is deleted, one that failed stays a while for operators.
CREATE TABLE job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  key text NOT NULL,
  state jsonb NOT NULL,
  -- Forward: the step to be done next. Undo: the step to be undone next, -1 for the last report.
  step int NOT NULL DEFAULT 0,
  direction text NOT NULL DEFAULT 'forward' CHECK (direction IN ('forward', 'undo')),
  status text NOT NULL DEFAULT 'live' CHECK (status IN ('live', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  step_since timestamptz NOT NULL DEFAULT now(),
  nudged boolean NOT NULL DEFAULT FALSE,
  run_at timestamptz NOT NULL DEFAULT now(),
  lease_owner text,
  lease_until timestamptz,
  request_id text NOT NULL,
  project_id text,
  error text,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE INDEX job_due ON job (kind, run_at) WHERE status = 'live' AND lease_owner IS NULL;
CREATE INDEX job_key ON job (key, id) WHERE status = 'live';
CREATE INDEX job_lease ON job (lease_owner) WHERE lease_owner IS NOT NULL;

-- Keys whose outside state must be brought in line; a row goes when its generation is reconciled.
CREATE SEQUENCE dirty_generation;
CREATE TABLE dirty (
  kind text NOT NULL,
  key text NOT NULL,
  generation bigint NOT NULL,
  lease_owner text,
  lease_until timestamptz,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);

-- The outbox. The transaction's number tells which events may still be joined by earlier ones.
CREATE TABLE event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  type text NOT NULL,
  project_id text,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  request_id text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_transaction ON event (transaction, id);

CREATE TABLE subscriber (
  name text PRIMARY KEY,
  -- All events of transactions before this one are delivered.
  horizon xid8 NOT NULL,
  lease_owner text,
  lease_until timestamptz
);
