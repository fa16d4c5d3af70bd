-- Lists look for what is NULL as if it were the lowest value: an index on such an expression gives
-- the order, and finds the row behind a marker too.
DROP INDEX image_by_name;
DROP INDEX image_by_container_format;
DROP INDEX image_by_disk_format;
DROP INDEX image_by_size;
CREATE INDEX image_by_name ON image (coalesce('!' || name, ''), id);
CREATE INDEX image_by_container_format ON image (coalesce(container_format, ''), id);
CREATE INDEX image_by_disk_format ON image (coalesce(disk_format, ''), id);
CREATE INDEX image_by_size ON image (coalesce(size, -1), id);
-- Filters that may leave a few images of very many.
CREATE INDEX image_by_min_ram ON image (min_ram);
CREATE INDEX image_by_min_disk ON image (min_disk);
CREATE INDEX image_by_virtual_size ON image (virtual_size);
CREATE INDEX image_by_checksum ON image (checksum);
CREATE INDEX image_hidden ON image (id) WHERE os_hidden;
CREATE INDEX image_protected ON image (id) WHERE protected;
-- How often the values of these columns go together: the planner would take them for independent.
CREATE STATISTICS image_kinds ON visibility, status, os_hidden, protected,
  coalesce(disk_format, ''), coalesce(container_format, '') FROM image;
ANALYZE image;
