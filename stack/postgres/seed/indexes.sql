-- An index for each foreign key, which the migrations leave out as many do: what would they bring?
-- Does nothing unless SEED_INDEXES=1; may be run again.
\set ON_ERROR_STOP on
\getenv wanted SEED_INDEXES
\if :wanted
SELECT format('CREATE INDEX IF NOT EXISTS %I ON %s (%s)', conname || '_index', conrelid::regclass,
  string_agg(quote_ident(attname), ', ' ORDER BY place))
FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS key (number, place), pg_attribute
WHERE contype = 'f' AND attrelid = conrelid AND attnum = number
GROUP BY conrelid, conname
\gexec
ANALYZE;
\endif
