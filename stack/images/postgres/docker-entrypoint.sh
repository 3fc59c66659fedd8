#!/usr/bin/env bash
# First start: makes the cluster, the user and the database, and runs /docker-entrypoint-initdb.d. Then runs the command.
# Understands the environment of the official image that the stack uses: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# POSTGRES_INITDB_ARGS, PGDATA.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

# `docker run IMAGE -c setting=value` means `postgres -c setting=value`.
if [ $# -eq 0 ] || [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
    exec "$@"
fi

if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

run_sql() { psql --no-psqlrc -v ON_ERROR_STOP=1 -U "$user" -d "$database" "$@"; }

run_initialisation_file() {
    case $1 in
    *.sh) if [ -x "$1" ]; then "$1"; else
        # shellcheck source=/dev/null
        . "$1"
    fi ;;
    *.sql) run_sql -f "$1" ;;
    *.sql.gz) gunzip -c "$1" | run_sql ;;
    *) echo "entrypoint: ignoring $1" ;;
    esac
}

make_cluster() {
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "entrypoint: POSTGRES_PASSWORD is not set, and the database must not be open to everybody" >&2
        exit 1
    fi
    local arguments=()
    read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
    echo "entrypoint: making a new cluster in $PGDATA"
    initdb --username="$user" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
        --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"

    # Without a network address, so that nobody takes this temporary server for the real one.
    pg_ctl -w -o "-c listen_addresses=''" start
    if [ "$database" != postgres ]; then
        createdb -U "$user" --maintenance-db=postgres "$database"
    fi
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        if [ -e "$file" ]; then
            run_initialisation_file "$file"
        fi
    done
    pg_ctl -w -m fast stop
    echo "entrypoint: the cluster is ready for its first start"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    make_cluster
fi
exec "$@"
