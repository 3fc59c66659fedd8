-- What both seeds need, included by each of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgcrypto;

\if :{?bcrypt_cost}
\else
  \set bcrypt_cost 10
  \getenv bcrypt_cost BCRYPT_COST
\endif

-- The same name gives the same version 4 UUID: a second run finds the rows of the first.
CREATE OR REPLACE FUNCTION pg_temp.seed_id(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT overlay(overlay(md5(name)::uuid::text PLACING '4' FROM 15) PLACING '8' FROM 20)
$$;

-- A fixed salt, so that the hash is computed once and is the same in every run.
CREATE OR REPLACE FUNCTION pg_temp.password_hash(password text, cost integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT public.crypt(password, '$2a$' || lpad(cost::text, 2, '0') || '$DiapasonReferenceStac.')
$$;
