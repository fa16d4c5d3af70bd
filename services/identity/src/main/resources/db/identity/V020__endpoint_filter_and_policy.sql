-- Endpoints that all have some attributes in common; an absent filter matches all.
CREATE TABLE identity.endpoint_group (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text,
  filters jsonb NOT NULL
);

-- A project with endpoints here, by itself or by group, sees only those in its catalog.
CREATE TABLE identity.project_endpoint (
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  endpoint_id text NOT NULL REFERENCES identity.endpoint (id) ON DELETE CASCADE,
  PRIMARY KEY (project_id, endpoint_id)
);
CREATE INDEX project_endpoint_index ON identity.project_endpoint (endpoint_id);

CREATE TABLE identity.project_endpoint_group (
  project_id text NOT NULL REFERENCES identity.project (id) ON DELETE CASCADE,
  endpoint_group_id text NOT NULL REFERENCES identity.endpoint_group (id) ON DELETE CASCADE,
  PRIMARY KEY (project_id, endpoint_group_id)
);
CREATE INDEX project_endpoint_group_index ON identity.project_endpoint_group (endpoint_group_id);

CREATE VIEW identity.endpoint_group_member AS
SELECT g.id AS endpoint_group_id, e.id AS endpoint_id
FROM identity.endpoint_group g
JOIN identity.endpoint e
  ON (NOT g.filters ? 'service_id' OR e.service_id = g.filters ->> 'service_id')
  AND (NOT g.filters ? 'region_id' OR e.region_id IS NOT DISTINCT FROM g.filters ->> 'region_id')
  AND (NOT g.filters ? 'interface' OR e.interface = g.filters ->> 'interface');

CREATE TABLE identity.policy (
  id text PRIMARY KEY,
  type text NOT NULL,
  blob text NOT NULL,
  extra jsonb NOT NULL
);

-- Of an endpoint, of a service, or of a service in a region.
CREATE TABLE identity.policy_association (
  policy_id text NOT NULL REFERENCES identity.policy (id) ON DELETE CASCADE,
  endpoint_id text REFERENCES identity.endpoint (id) ON DELETE CASCADE,
  service_id text REFERENCES identity.service (id) ON DELETE CASCADE,
  region_id text REFERENCES identity.region (id) ON DELETE CASCADE,
  CONSTRAINT policy_association_target CHECK (
    (endpoint_id IS NULL) <> (service_id IS NULL)
    AND (region_id IS NULL OR service_id IS NOT NULL))
);
-- One policy for each of them.
CREATE UNIQUE INDEX policy_association_unique ON identity.policy_association
  (coalesce(endpoint_id, ''), coalesce(service_id, ''), coalesce(region_id, ''));
CREATE INDEX policy_association_policy_index ON identity.policy_association (policy_id);
CREATE INDEX policy_association_endpoint_index ON identity.policy_association (endpoint_id);
CREATE INDEX policy_association_service_index ON identity.policy_association (service_id);
CREATE INDEX policy_association_region_index ON identity.policy_association (region_id);
