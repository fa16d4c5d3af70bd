-- The ports that the network made or took for itself. Only of these is device_owner more than a
-- label, for a network's owner may write it on any port of its own.
ALTER TABLE port ADD COLUMN service boolean NOT NULL DEFAULT false;

UPDATE port p SET service = true
WHERE EXISTS (SELECT FROM router_interface i WHERE i.port_id = p.id)
  OR EXISTS (SELECT FROM router r WHERE r.gateway_port_id = p.id)
  OR EXISTS (SELECT FROM floating_ip f WHERE f.floating_port_id = p.id)
  OR p.id IN (SELECT DISTINCT ON (m.network_id) m.id FROM port m
    WHERE m.device_owner = 'network:distributed'
      AND m.device_id = 'ovnmeta-' || text(m.network_id)
    ORDER BY m.network_id, m.created_at, m.id);

CREATE UNIQUE INDEX port_metadata ON port (network_id)
  WHERE service AND device_owner = 'network:distributed';
