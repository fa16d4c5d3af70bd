CREATE TABLE image (
  id uuid PRIMARY KEY,
  name text,
  status text NOT NULL,
  visibility text NOT NULL,
  owner text NOT NULL,
  container_format text,
  disk_format text,
  min_ram int NOT NULL,
  min_disk int NOT NULL,
  protected boolean NOT NULL,
  os_hidden boolean NOT NULL,
  tags text[] NOT NULL,
  properties jsonb NOT NULL,
  size bigint,
  virtual_size bigint,
  checksum text,
  os_hash_algo text,
  os_hash_value text,
  -- Where the bytes are: which store, and under which name in it.
  store_id uuid,
  location text,
  -- While status is "saving": which upload may make it active.
  upload_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX image_created ON image (created_at, id);
CREATE INDEX image_owner ON image (owner, created_at, id);
CREATE INDEX image_visibility ON image (visibility, created_at, id);
CREATE INDEX image_name ON image (name);
CREATE INDEX image_tags ON image USING gin (tags);
CREATE INDEX image_properties ON image USING gin (properties jsonb_path_ops);
CREATE INDEX image_saving ON image (store_id) WHERE status = 'saving';

CREATE TABLE member (
  image_id uuid NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  member_id text NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT member_pkey PRIMARY KEY (image_id, member_id)
);
CREATE INDEX member_member ON member (member_id, status);

-- The stores that this database's images were ever kept in.
CREATE TABLE store (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);
