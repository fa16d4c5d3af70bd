CREATE TABLE resource_provider (
  id uuid PRIMARY KEY,
  name text NOT NULL CONSTRAINT resource_provider_name UNIQUE,
  generation int NOT NULL DEFAULT 0,
  root_id uuid NOT NULL REFERENCES resource_provider (id) DEFERRABLE INITIALLY DEFERRED,
  parent_id uuid CONSTRAINT resource_provider_parent REFERENCES resource_provider (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX resource_provider_root ON resource_provider (root_id);
CREATE INDEX resource_provider_parent_id ON resource_provider (parent_id);

-- The custom ones; the standard ones are in the program.
CREATE TABLE resource_class (
  name text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE trait (
  name text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- "used" is the sum of the allocations, kept here so that candidates are found by one index.
-- Whoever changes inventories or allocations holds the lock on the provider's row.
CREATE TABLE inventory (
  provider_id uuid NOT NULL REFERENCES resource_provider (id),
  root_id uuid NOT NULL,
  resource_class text NOT NULL,
  total bigint NOT NULL,
  reserved bigint NOT NULL,
  min_unit bigint NOT NULL,
  max_unit bigint NOT NULL,
  step_size bigint NOT NULL,
  allocation_ratio double precision NOT NULL,
  used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_id, resource_class)
);
CREATE INDEX inventory_root ON inventory (root_id, resource_class);
CREATE INDEX inventory_class ON inventory (resource_class);

CREATE TABLE provider_trait (
  provider_id uuid NOT NULL REFERENCES resource_provider (id) ON DELETE CASCADE,
  trait text NOT NULL,
  PRIMARY KEY (provider_id, trait)
);
CREATE INDEX provider_trait_trait ON provider_trait (trait);

CREATE TABLE provider_aggregate (
  provider_id uuid NOT NULL REFERENCES resource_provider (id) ON DELETE CASCADE,
  aggregate_id uuid NOT NULL,
  PRIMARY KEY (provider_id, aggregate_id)
);
CREATE INDEX provider_aggregate_aggregate ON provider_aggregate (aggregate_id);

CREATE TABLE consumer (
  id uuid PRIMARY KEY,
  generation int NOT NULL DEFAULT 0,
  project_id text NOT NULL,
  user_id text NOT NULL,
  consumer_type text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX consumer_project ON consumer (project_id, user_id);

CREATE TABLE allocation (
  consumer_id uuid NOT NULL REFERENCES consumer (id),
  provider_id uuid NOT NULL,
  resource_class text NOT NULL,
  used bigint NOT NULL CHECK (used > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer_id, provider_id, resource_class),
  CONSTRAINT allocation_inventory
    FOREIGN KEY (provider_id, resource_class) REFERENCES inventory (provider_id, resource_class)
);
CREATE INDEX allocation_provider ON allocation (provider_id, resource_class);
