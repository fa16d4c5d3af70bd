-- Metadata definitions: namespaces, and below each its objects, properties, tags and the resource
-- types that it is for.
CREATE TABLE metadef_namespace (
  namespace text CONSTRAINT metadef_namespace_pkey PRIMARY KEY,
  display_name text,
  description text,
  visibility text NOT NULL CHECK (visibility IN ('public', 'private')),
  protected boolean NOT NULL,
  owner text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX metadef_namespace_created ON metadef_namespace (created_at, namespace);

CREATE TABLE metadef_item (
  namespace text NOT NULL
    REFERENCES metadef_namespace (namespace) ON DELETE CASCADE ON UPDATE CASCADE,
  kind text NOT NULL CHECK (kind IN ('object', 'property', 'tag', 'resource_type')),
  name text NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT metadef_item_pkey PRIMARY KEY (namespace, kind, name)
);
CREATE INDEX metadef_item_name ON metadef_item (kind, name);

CREATE TABLE metadef_resource_type (
  name text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO metadef_resource_type (name) VALUES
  ('OS::Cinder::Volume'), ('OS::Glance::Image'), ('OS::Nova::Aggregate'), ('OS::Nova::Flavor'),
  ('OS::Nova::Server');

INSERT INTO metadef_namespace (namespace, display_name, description, visibility, protected, owner)
VALUES
  ('OS::Compute::LibvirtImage', 'Guest hardware',
   'Image properties that choose the virtual hardware of servers.', 'public', true, 'admin'),
  ('OS::Glance::CommonImageProperties', 'Common image properties',
   'What an image contains.', 'public', true, 'admin'),
  ('OS::Glance::Signatures', 'Image signature',
   'The signature of an image and how it is verified.', 'public', true, 'admin');

INSERT INTO metadef_item (namespace, kind, name, body)
  SELECT namespace, 'resource_type', 'OS::Glance::Image', '{}'::jsonb FROM metadef_namespace;

INSERT INTO metadef_item (namespace, kind, name, body) VALUES
  ('OS::Compute::LibvirtImage', 'property', 'hw_disk_bus',
   '{"title": "Disk bus", "type": "string", "enum": ["virtio", "scsi", "sata"],
     "description": "How the root disk is attached."}'),
  ('OS::Compute::LibvirtImage', 'property', 'hw_vif_model',
   '{"title": "Network card", "type": "string",
     "enum": ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"],
     "description": "The model of the virtual network cards."}'),
  ('OS::Compute::LibvirtImage', 'property', 'hw_machine_type',
   '{"title": "Machine type", "type": "string", "description": "The chipset, such as q35."}'),
  ('OS::Compute::LibvirtImage', 'property', 'hw_firmware_type',
   '{"title": "Firmware", "type": "string", "enum": ["bios", "uefi"],
     "description": "What the machine starts with."}'),
  ('OS::Compute::LibvirtImage', 'property', 'hw_rng_model',
   '{"title": "Random numbers", "type": "string", "enum": ["virtio"],
     "description": "The source of random numbers."}'),
  ('OS::Compute::LibvirtImage', 'property', 'hw_video_model',
   '{"title": "Video card", "type": "string", "enum": ["vga", "virtio", "none"],
     "description": "The model of the video card."}'),
  ('OS::Glance::CommonImageProperties', 'property', 'architecture',
   '{"title": "Architecture", "type": "string", "description": "The processor''s, x86_64."}'),
  ('OS::Glance::CommonImageProperties', 'property', 'os_distro',
   '{"title": "Distribution", "type": "string", "description": "debian, fedora and the like."}'),
  ('OS::Glance::CommonImageProperties', 'property', 'os_type',
   '{"title": "Operating system", "type": "string", "enum": ["linux", "windows"],
     "description": "Windows expects a hardware clock in local time."}'),
  ('OS::Glance::CommonImageProperties', 'property', 'os_version',
   '{"title": "Version", "type": "string", "description": "Of the distribution."}'),
  ('OS::Glance::Signatures', 'property', 'img_signature',
   '{"title": "Signature", "type": "string", "description": "Of the bytes, in base64."}'),
  ('OS::Glance::Signatures', 'property', 'img_signature_certificate_uuid',
   '{"title": "Certificate", "type": "string", "description": "Name of the trusted certificate."}'),
  ('OS::Glance::Signatures', 'property', 'img_signature_hash_method',
   '{"title": "Hash", "type": "string", "enum": ["SHA-224", "SHA-256", "SHA-384", "SHA-512"],
     "description": "The hash that was signed."}'),
  ('OS::Glance::Signatures', 'property', 'img_signature_key_type',
   '{"title": "Key", "type": "string", "enum": ["RSA-PSS", "DSA", "ECC_SECP384R1",
     "ECC_SECP521R1"], "description": "The kind of key that signed."}');
