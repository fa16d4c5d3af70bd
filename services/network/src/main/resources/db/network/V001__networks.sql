-- Exclusion constraints on a uuid together with an address range need it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SEQUENCE tunnel_id MINVALUE 1 MAXVALUE 16777215 CYCLE;

CREATE TABLE network (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  admin_state_up boolean NOT NULL,
  shared boolean NOT NULL,
  external boolean NOT NULL,
  is_default boolean NOT NULL,
  mtu int NOT NULL,
  port_security_enabled boolean NOT NULL,
  dns_domain text NOT NULL,
  network_type text NOT NULL,
  physical_network text,
  segmentation_id int,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX network_segment ON network
  (network_type, coalesce(physical_network, ''), coalesce(segmentation_id, 0));
CREATE UNIQUE INDEX network_default ON network (is_default) WHERE is_default;
CREATE INDEX network_project ON network (project_id);

CREATE TABLE subnetpool (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  ip_version int NOT NULL,
  prefixes cidr[] NOT NULL,
  min_prefixlen int NOT NULL,
  max_prefixlen int NOT NULL,
  default_prefixlen int NOT NULL,
  default_quota bigint,
  shared boolean NOT NULL,
  is_default boolean NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX subnetpool_default ON subnetpool (ip_version) WHERE is_default;
CREATE INDEX subnetpool_project ON subnetpool (project_id);

CREATE TABLE subnet (
  id uuid PRIMARY KEY,
  network_id uuid NOT NULL CONSTRAINT subnet_network REFERENCES network,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  ip_version int NOT NULL,
  cidr cidr NOT NULL,
  gateway inet,
  enable_dhcp boolean NOT NULL,
  ipv6_address_mode text,
  ipv6_ra_mode text,
  -- Ordered ranges as the API shows them; they never overlap and are few.
  allocation_pools jsonb NOT NULL,
  dns_nameservers text[] NOT NULL,
  host_routes jsonb NOT NULL,
  subnetpool_id uuid CONSTRAINT subnet_subnetpool REFERENCES subnetpool,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT subnet_overlap EXCLUDE USING gist (network_id WITH =, cidr inet_ops WITH &&),
  CONSTRAINT subnet_pool_overlap EXCLUDE USING gist
    (subnetpool_id WITH =, cidr inet_ops WITH &&) WHERE (subnetpool_id IS NOT NULL)
);
CREATE INDEX subnet_project ON subnet (project_id);

CREATE TABLE security_group (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  stateful boolean NOT NULL,
  is_default boolean NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX security_group_default ON security_group (project_id) WHERE is_default;
CREATE INDEX security_group_project ON security_group (project_id, name);

CREATE TABLE security_group_rule (
  id uuid PRIMARY KEY,
  security_group_id uuid NOT NULL
    CONSTRAINT rule_group REFERENCES security_group ON DELETE CASCADE,
  project_id text NOT NULL,
  description text NOT NULL,
  direction text NOT NULL,
  ethertype text NOT NULL,
  protocol text,
  -- The same for a protocol's name and number, so that the two count as duplicates.
  protocol_number int,
  port_range_min int,
  port_range_max int,
  remote_ip_prefix text,
  remote_group_id uuid CONSTRAINT rule_remote_group REFERENCES security_group ON DELETE CASCADE,
  revision int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX security_group_rule_once ON security_group_rule (
  security_group_id, direction, ethertype, coalesce(protocol_number, -1),
  coalesce(port_range_min, -1), coalesce(port_range_max, -1),
  -- Any address is the same as no prefix.
  coalesce(nullif(nullif(remote_ip_prefix, '0.0.0.0/0'), '::/0'), ''),
  coalesce(remote_group_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX security_group_rule_remote ON security_group_rule (remote_group_id);
CREATE INDEX security_group_rule_project ON security_group_rule (project_id);

CREATE TABLE port (
  id uuid PRIMARY KEY,
  network_id uuid NOT NULL CONSTRAINT port_network REFERENCES network,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  admin_state_up boolean NOT NULL,
  mac_address macaddr NOT NULL,
  status text NOT NULL,
  device_id text NOT NULL,
  device_owner text NOT NULL,
  port_security_enabled boolean NOT NULL,
  -- fixed_ips and security_groups repeat ip_allocation and port_security_group, which hold the
  -- constraints: a list of ports then reads one row each. Both are written together, always.
  fixed_ips jsonb NOT NULL,
  security_groups uuid[] NOT NULL,
  allowed_address_pairs jsonb NOT NULL,
  extra_dhcp_opts jsonb NOT NULL,
  host_id text NOT NULL,
  vnic_type text NOT NULL,
  binding_profile jsonb NOT NULL,
  dns_name text NOT NULL,
  dns_assignment jsonb NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT port_mac UNIQUE (network_id, mac_address)
);
CREATE INDEX port_project ON port (project_id);
CREATE INDEX port_device ON port (device_id);

CREATE TABLE ip_allocation (
  subnet_id uuid NOT NULL CONSTRAINT allocation_subnet REFERENCES subnet,
  address inet NOT NULL,
  port_id uuid NOT NULL CONSTRAINT allocation_port REFERENCES port ON DELETE CASCADE
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ip_allocation_once PRIMARY KEY (subnet_id, address)
);
CREATE INDEX ip_allocation_port ON ip_allocation (port_id);

CREATE TABLE port_security_group (
  port_id uuid NOT NULL CONSTRAINT membership_port REFERENCES port ON DELETE CASCADE,
  security_group_id uuid NOT NULL CONSTRAINT membership_group REFERENCES security_group,
  PRIMARY KEY (port_id, security_group_id)
);
CREATE INDEX port_security_group_group ON port_security_group (security_group_id);

CREATE TABLE router (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  admin_state_up boolean NOT NULL,
  gateway_port_id uuid CONSTRAINT router_gateway REFERENCES port,
  gateway_network_id uuid CONSTRAINT router_gateway_network REFERENCES network,
  enable_snat boolean NOT NULL,
  routes jsonb NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX router_project ON router (project_id);
CREATE INDEX router_gateway_port ON router (gateway_port_id);

-- A router's leg on a subnet. No two of one router overlap.
CREATE TABLE router_interface (
  router_id uuid NOT NULL CONSTRAINT interface_router REFERENCES router,
  port_id uuid NOT NULL CONSTRAINT interface_port REFERENCES port,
  subnet_id uuid NOT NULL CONSTRAINT interface_subnet REFERENCES subnet,
  network_id uuid NOT NULL,
  cidr cidr NOT NULL,
  PRIMARY KEY (port_id, subnet_id),
  CONSTRAINT router_interface_overlap EXCLUDE USING gist
    (router_id WITH =, cidr inet_ops WITH &&)
);
CREATE INDEX router_interface_subnet ON router_interface (subnet_id);

CREATE TABLE floating_ip (
  id uuid PRIMARY KEY,
  project_id text NOT NULL,
  description text NOT NULL,
  network_id uuid NOT NULL CONSTRAINT floating_network REFERENCES network,
  address inet NOT NULL,
  floating_port_id uuid NOT NULL CONSTRAINT floating_own_port REFERENCES port,
  port_id uuid CONSTRAINT floating_port REFERENCES port,
  fixed_address inet,
  router_id uuid CONSTRAINT floating_router REFERENCES router,
  status text NOT NULL,
  dns_name text NOT NULL,
  dns_domain text NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  revision int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX floating_ip_target ON floating_ip (network_id, port_id, fixed_address)
  WHERE port_id IS NOT NULL;
CREATE UNIQUE INDEX floating_ip_own_port ON floating_ip (floating_port_id);
CREATE INDEX floating_ip_project ON floating_ip (project_id);
CREATE INDEX floating_ip_port ON floating_ip (port_id);
CREATE INDEX floating_ip_router ON floating_ip (router_id);
