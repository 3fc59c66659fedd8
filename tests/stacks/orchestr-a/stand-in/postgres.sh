# As the official image since October 2025: a volume where data used to lie is refused, unless PGDATA is set to it.
if [ "$PGDATA" = /var/lib/postgresql/18/docker ] && grep -q ' /var/lib/postgresql/data ' /proc/mounts; then
    echo "Error: in 18+, these Docker images are configured to store database data in a format which is compatible with pg_ctlcluster" >&2
    echo "there appears to be PostgreSQL data in: /var/lib/postgresql/data (unused mount/volume)" >&2
    exit 1
fi
exec docker-entrypoint.sh "$@"
