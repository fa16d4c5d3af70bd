-- A task made by POST /v2/tasks that is refused before it makes an image.
ALTER TABLE task ALTER COLUMN image_id DROP NOT NULL;
