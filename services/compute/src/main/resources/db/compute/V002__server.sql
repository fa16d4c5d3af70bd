CREATE SEQUENCE server_revision;

-- A server with all that its views show, so that every list is one statement on one table.
CREATE TABLE server (
  id uuid PRIMARY KEY,
  -- Names the row's content: views are cached under (id, revision).
  revision bigint NOT NULL DEFAULT nextval('server_revision'),
  project_id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  hostname text NOT NULL,
  description text,
  image_id uuid,
  image_format text,
  image_properties jsonb NOT NULL DEFAULT '{}',
  -- The flavor as it was when the server was made.
  flavor jsonb NOT NULL,
  flavor_id text NOT NULL,
  vcpus int NOT NULL,
  ram_mib int NOT NULL,
  disk_gib int NOT NULL,
  vm_state text NOT NULL,
  task_state text,
  power_state int NOT NULL DEFAULT 0,
  progress int NOT NULL DEFAULT 0,
  fault jsonb,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  launched_at timestamptz,
  terminated_at timestamptz,
  deleted_at timestamptz,
  host text,
  availability_zone text,
  requested_zone text,
  requested_host text,
  server_group uuid,
  reservation_id text NOT NULL,
  launch_index int NOT NULL DEFAULT 0,
  key_name text,
  key_type text,
  public_key text,
  user_data text,
  config_drive boolean NOT NULL DEFAULT false,
  -- Only until the config drive that shows it is made.
  admin_password text,
  metadata jsonb NOT NULL DEFAULT '{}',
  tags text[] NOT NULL DEFAULT '{}',
  access_ip_v4 text NOT NULL DEFAULT '',
  access_ip_v6 text NOT NULL DEFAULT '',
  disk_config text NOT NULL DEFAULT 'MANUAL',
  locked_by text,
  locked_reason text,
  -- What was asked for, each with the id of its port: chosen before the first step runs.
  networks jsonb NOT NULL DEFAULT '[]',
  -- What the network service said of the ports last.
  ports jsonb NOT NULL DEFAULT '[]',
  disk_generation int NOT NULL DEFAULT 1,
  CHECK (vm_state IN ('building', 'active', 'stopped', 'error', 'deleted', 'paused', 'suspended',
    'rescued', 'resized', 'soft-delete', 'shelved', 'shelved_offloaded')),
  CHECK ((deleted_at IS NULL) = (vm_state <> 'deleted'))
);

CREATE INDEX server_project ON server (project_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
CREATE INDEX server_live ON server (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX server_host ON server (host) WHERE deleted_at IS NULL;
CREATE INDEX server_group_member ON server (server_group)
  WHERE deleted_at IS NULL AND server_group IS NOT NULL;
CREATE INDEX server_updated ON server (updated_at);

CREATE FUNCTION server_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
  NEW.revision := nextval('server_revision');
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER server_changed BEFORE UPDATE ON server
  FOR EACH ROW EXECUTE FUNCTION server_changed();

CREATE TABLE server_action (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  server_id uuid NOT NULL REFERENCES server,
  action text NOT NULL,
  request_id text NOT NULL,
  project_id text NOT NULL,
  user_id text NOT NULL,
  start_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  message text,
  UNIQUE (server_id, request_id)
);

CREATE TABLE server_action_event (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action bigint NOT NULL REFERENCES server_action,
  event text NOT NULL,
  start_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  finish_time timestamptz,
  result text,
  details text,
  host text,
  -- A step that runs again after an interruption is the same event.
  UNIQUE (action, event)
);
