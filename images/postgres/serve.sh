#!/bin/sh
# Makes the database where there is none, then serves it.
set -eu
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  # Whoever reaches the socket is let in: the volume it is in is mounted by the training base alone.
  initdb --pgdata "$data" --username shixun --auth trust --encoding UTF8 --locale C >/dev/null
  echo "CREATE DATABASE shixun" | postgres --single -D "$data" postgres >/dev/null
fi
exec postgres -D "$data" -c listen_addresses='' -c unix_socket_directories=/run/postgresql
