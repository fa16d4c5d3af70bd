-- One for each key that lists are sorted by, in the order that they ask for: NULL is the lowest
-- value, and the id breaks ties. 100,000 images are listed without reading them all.
CREATE INDEX image_by_name ON image (name NULLS FIRST, id);
CREATE INDEX image_by_status ON image (status, id);
CREATE INDEX image_by_container_format ON image (container_format NULLS FIRST, id);
CREATE INDEX image_by_disk_format ON image (disk_format NULLS FIRST, id);
CREATE INDEX image_by_size ON image (size NULLS FIRST, id);
CREATE INDEX image_by_updated ON image (updated_at, id);
-- The first of these serves its filter too.
DROP INDEX image_name;
-- Without the list of pending entries, which every search by a tag or property reads to its end.
ALTER INDEX image_tags SET (fastupdate = off);
ALTER INDEX image_properties SET (fastupdate = off);
