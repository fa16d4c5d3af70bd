-- Where an image's bytes are: one row for each store. image.location and image.store_id held the
-- only place until now and are no longer read; a later version drops the former.
CREATE TABLE location (
  image_id uuid NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  store_id uuid NOT NULL,
  location text NOT NULL,
  -- The import that put them there, until it has ended.
  task_id uuid,
  position bigint GENERATED ALWAYS AS IDENTITY,
  CONSTRAINT location_pkey PRIMARY KEY (image_id, store_id)
);
CREATE INDEX location_store ON location (store_id);
INSERT INTO location (image_id, store_id, location)
  SELECT id, store_id, location FROM image WHERE location IS NOT NULL;

ALTER TABLE image
  -- The import that works on the image: nobody else may then.
  ADD COLUMN import_task uuid,
  -- os_glance_importing_to_stores and os_glance_failed_import; null until the first import.
  ADD COLUMN importing_stores text[],
  ADD COLUMN failed_stores text[];
CREATE INDEX image_hash ON image (os_hash_value);

-- Bytes that belong to no image yet: on their way in, staged, or on their way to another store.
-- The row is there before the bytes are, so that no byte is ever without a row that tells of it.
CREATE TABLE transfer (
  id uuid PRIMARY KEY,
  image_id uuid NOT NULL,
  task_id uuid,
  kind text NOT NULL,
  project_id text NOT NULL,
  store_id uuid NOT NULL,
  location text NOT NULL,
  -- What is reserved of the project's quotas until the row goes.
  uploading bigint NOT NULL,
  size_mib bigint NOT NULL,
  stage_mib bigint NOT NULL,
  -- Of staged bytes.
  size bigint,
  checksum text,
  hash text,
  -- Who receives them, and until when it is believed to live; null for what rests or belongs to a
  -- durable job.
  node text,
  alive_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX transfer_staged ON transfer (image_id) WHERE kind = 'stage';
CREATE INDEX transfer_image ON transfer (image_id);
CREATE INDEX transfer_task ON transfer (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX transfer_store ON transfer (store_id);
CREATE INDEX transfer_alive ON transfer (alive_until) WHERE node IS NOT NULL;

CREATE TABLE task (
  id uuid PRIMARY KEY,
  image_id uuid NOT NULL,
  owner text NOT NULL,
  user_id text NOT NULL,
  request_id text NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  input jsonb NOT NULL,
  result jsonb,
  message text NOT NULL DEFAULT '',
  copied bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE INDEX task_image ON task (image_id, created_at, id);
CREATE INDEX task_created ON task (created_at, id);
CREATE INDEX task_expires ON task (expires_at) WHERE expires_at IS NOT NULL;
