-- What a new row has that nobody says of it.
ALTER TABLE security_group ALTER is_default SET DEFAULT FALSE;
ALTER TABLE router ALTER enable_snat SET DEFAULT TRUE;
ALTER TABLE router ALTER routes SET DEFAULT '[]';
ALTER TABLE floating_ip ALTER status SET DEFAULT 'DOWN';
ALTER TABLE floating_ip ALTER dns_name SET DEFAULT '';
ALTER TABLE floating_ip ALTER dns_domain SET DEFAULT '';

-- Who may speak for more than its own addresses is asked of a network whenever one of its ports
-- is told to the engine: few ports may.
CREATE INDEX port_address_pairs ON port (network_id)
  WHERE allowed_address_pairs <> '[]' AND NOT service;
