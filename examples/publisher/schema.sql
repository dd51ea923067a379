CREATE SCHEMA minigun_publisher;
CREATE TABLE words (id serial PRIMARY KEY, text text NOT NULL, letters text NOT NULL);
CREATE TABLE anagrams (id serial PRIMARY KEY, letters text NOT NULL, words text NOT NULL);
CREATE TABLE changes (id serial PRIMARY KEY, model text NOT NULL, record_id integer NOT NULL);
CREATE TABLE published (model text NOT NULL, record_id integer NOT NULL, document text NOT NULL);
CREATE TABLE positions (position integer NOT NULL);
INSERT INTO positions VALUES (0);
