CREATE TABLE thing (name text NOT NULL);
INSERT INTO thing VALUES ('first');
