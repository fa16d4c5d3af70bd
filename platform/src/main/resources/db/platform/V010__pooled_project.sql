-- Projects whose use also counts against their domain's limits; empty unless identity's limit model
-- says so. A domain's use is in quota_usage under domain:<id>.
CREATE TABLE pooled_project (
  project_id text PRIMARY KEY,
  domain_id text NOT NULL
);
-- There is a row while projects are pooled, so that new ones are too.
CREATE TABLE pooling (
  one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
