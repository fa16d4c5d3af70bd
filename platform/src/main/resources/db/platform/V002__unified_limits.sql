-- Limits of the whole cloud as identity's API keeps them. service_type is the catalog's, copied so
-- that quotas find their rows without looking into identity's schema.
CREATE TABLE registered_limit (
  id text PRIMARY KEY,
  service_id text NOT NULL,
  service_type text NOT NULL,
  region_id text,
  resource_name text NOT NULL,
  default_limit bigint NOT NULL CHECK (default_limit >= -1),
  description text
);
CREATE UNIQUE INDEX registered_limit_unique
  ON registered_limit (service_id, coalesce(region_id, ''), resource_name);
CREATE INDEX registered_limit_type_index ON registered_limit (service_type, resource_name);

-- What one project, or one domain, has instead.
CREATE TABLE resource_limit (
  id text PRIMARY KEY,
  registered_limit_id text NOT NULL,
  project_id text,
  domain_id text,
  resource_limit bigint NOT NULL CHECK (resource_limit >= -1),
  description text,
  CONSTRAINT resource_limit_registered_fkey
    FOREIGN KEY (registered_limit_id) REFERENCES registered_limit (id),
  CONSTRAINT resource_limit_owner CHECK ((project_id IS NULL) <> (domain_id IS NULL))
);
CREATE UNIQUE INDEX resource_limit_unique ON resource_limit
  (registered_limit_id, coalesce(project_id, ''), coalesce(domain_id, ''));
CREATE INDEX resource_limit_project_index ON resource_limit (project_id);
CREATE INDEX resource_limit_domain_index ON resource_limit (domain_id);

-- The region that this cloud is: limits of other regions do not concern its quotas.
CREATE TABLE home (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  region_id text NOT NULL
);
