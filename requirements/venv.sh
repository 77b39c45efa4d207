#!/usr/bin/env bash
# Makes the virtual environment named by $1, with pip and uv inside. Installs Debian's venv package where it is
# missing and we may; else says what to install.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "shixun needs Python 3.11 or newer as '$python' (set PYTHON=... to name another)." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  package=$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')
  if [ "$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo="sudo"; else
    echo "Python's venv module is missing: run 'sudo apt-get install $package', then try again." >&2
    exit 1
  fi
  echo "Installing $package ..."
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$package" ca-certificates >/dev/null
fi
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
