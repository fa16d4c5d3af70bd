-- Roles in a project that one user, the trustor, lends to another, the trustee. A redelegated trust
-- hangs on the one it was made from and goes with it.
CREATE TABLE identity.trust (
  id text PRIMARY KEY,
  trustor_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  trustee_id text NOT NULL REFERENCES identity.account (id) ON DELETE CASCADE,
  project_id text REFERENCES identity.project (id) ON DELETE CASCADE,
  impersonation boolean NOT NULL,
  expires_at timestamptz,
  remaining_uses int CHECK (remaining_uses >= 0),
  redelegated_trust_id text REFERENCES identity.trust (id) ON DELETE CASCADE,
  redelegation_count int NOT NULL CHECK (redelegation_count >= 0),
  extra jsonb NOT NULL
);
CREATE INDEX trust_trustor_index ON identity.trust (trustor_id);
CREATE INDEX trust_trustee_index ON identity.trust (trustee_id);
CREATE INDEX trust_project_index ON identity.trust (project_id);
CREATE INDEX trust_redelegated_index ON identity.trust (redelegated_trust_id);

CREATE TABLE identity.trust_role (
  trust_id text NOT NULL REFERENCES identity.trust (id) ON DELETE CASCADE,
  role_id text NOT NULL REFERENCES identity.role (id) ON DELETE CASCADE,
  PRIMARY KEY (trust_id, role_id)
);
CREATE INDEX trust_role_role_index ON identity.trust_role (role_id);
