CREATE TABLE host (
  -- Also the placement service's resource provider.
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text NOT NULL UNIQUE,
  facts jsonb NOT NULL,
  address text NOT NULL,
  disabled boolean NOT NULL DEFAULT false,
  disabled_reason text,
  forced_down boolean NOT NULL DEFAULT false,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE aggregate (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  name text NOT NULL CONSTRAINT aggregate_name_key UNIQUE,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz
);

CREATE TABLE aggregate_host (
  aggregate bigint NOT NULL REFERENCES aggregate,
  host text NOT NULL REFERENCES host (name),
  PRIMARY KEY (aggregate, host)
);

CREATE TABLE server_group (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  policy text NOT NULL
    CHECK (policy IN ('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity')),
  max_servers_per_host int CHECK (max_servers_per_host > 0),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX server_group_project ON server_group (project_id, created_at, id);
