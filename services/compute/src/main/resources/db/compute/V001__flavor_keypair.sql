CREATE TABLE flavor (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL CONSTRAINT flavor_id_key UNIQUE,
  name text NOT NULL CONSTRAINT flavor_name_key UNIQUE,
  ram_mib int NOT NULL CHECK (ram_mib > 0),
  vcpus int NOT NULL CHECK (vcpus > 0),
  disk_gib int NOT NULL CHECK (disk_gib >= 0),
  ephemeral_gib int NOT NULL DEFAULT 0 CHECK (ephemeral_gib >= 0),
  swap_mib int NOT NULL DEFAULT 0 CHECK (swap_mib >= 0),
  rxtx_factor double precision NOT NULL DEFAULT 1,
  is_public boolean NOT NULL DEFAULT true,
  disabled boolean NOT NULL DEFAULT false,
  description text,
  extra_specs jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz
);

CREATE TABLE flavor_access (
  flavor bigint NOT NULL REFERENCES flavor ON DELETE CASCADE,
  project_id text NOT NULL,
  PRIMARY KEY (flavor, project_id)
);

-- What a new cloud offers, with the ids that documents and test suites expect.
INSERT INTO flavor (id, name, ram_mib, vcpus, disk_gib) VALUES
  ('1', 'm1.tiny', 512, 1, 1),
  ('2', 'm1.small', 2048, 1, 20),
  ('3', 'm1.medium', 4096, 2, 40),
  ('4', 'm1.large', 8192, 4, 80),
  ('5', 'm1.xlarge', 16384, 8, 160),
  ('42', 'm1.nano', 192, 1, 1),
  ('84', 'm1.micro', 256, 1, 1);

CREATE TABLE keypair (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('ssh', 'x509')),
  public_key text NOT NULL,
  fingerprint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT keypair_user_id_name_key UNIQUE (user_id, name)
);
