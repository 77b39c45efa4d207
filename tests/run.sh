#!/usr/bin/env bash
# Runs pytest with the given arguments. Where no Docker engine answers and we may, starts one for the tests and stops
# it at the end; its images are kept, so that the next run need not build them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PATH:/usr/sbin:/sbin"
python=.venv/bin/python
storage=/var/lib/shixun-tests
pid_file=/run/shixun-tests-docker.pid
log=$(mktemp -t shixun-dockerd-XXXXXX.log)
sudo=()
started=

answers() { "$python" -c 'import sys; from hub_config.engine import engine_answers; sys.exit(not engine_answers())'; }

stop_engine() {
  if [ -n "$started" ]; then
    pid=$("${sudo[@]}" cat "$pid_file" 2>/dev/null || true)
    if [ -n "$pid" ]; then
      "${sudo[@]}" kill "$pid" 2>/dev/null || true
      for _ in $(seq 200); do "${sudo[@]}" kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
  fi
  rm -f "$log"
}
trap stop_engine EXIT

start_engine() {
  command -v dockerd >/dev/null || { echo "No Docker engine answers and none is installed." >&2; return; }
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || { echo "No Docker engine answers; starting one needs root." >&2; return; }
    sudo=(sudo)
  fi
  echo "Starting a Docker engine for the tests ..."
  # --group: whoever runs the tests may talk to it.
  "${sudo[@]}" setsid dockerd --data-root "$storage" --pidfile "$pid_file" --group "$(id -gn)" >"$log" 2>&1 &
  started=yes
  for _ in $(seq 300); do
    if answers; then return; fi
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  echo "The Docker engine does not answer; the end of its log:" >&2
  tail -n 10 "$log" >&2
}

[ -n "${DOCKER_HOST:-}" ] || answers || start_engine

# Two workers: one starts hubs and containers and mostly waits for them, the other runs what needs the processor.
status=0
"$python" -m pytest --durations=15 -n "${TEST_WORKERS:-2}" --dist loadgroup "$@" || status=$?
exit "$status"
