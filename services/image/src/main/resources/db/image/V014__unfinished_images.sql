-- Few of many images: whoever lists them by what happened last need not look through the others.
CREATE INDEX image_unfinished ON image (updated_at, id) WHERE status <> 'active';
