#!/usr/bin/env bash
# Installs what building and testing needs from Debian's packages, if something is missing. Set AMPSPEC_NO_INSTALL=1 to leave the system alone.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

packages=(g++ cmake ninja-build ccache make
  libboost1.81-dev libssl-dev nlohmann-json3-dev libyaml-cpp-dev libcli11-dev libgtest-dev libbenchmark-dev
  curl python3 python3-twisted python3-openssl python3-service-identity python3-yaml python3-jsonschema)
# What only some targets need: `make test`, `make check`, `make matrix` and those of fuzz/; the browser tests.
case "${1:-}" in
  test) packages+=(clang-14 libclang-rt-14-dev llvm-14) ;;
  check) packages+=(clang-format-14 clang-tidy-14) ;;
  matrix) packages+=(python3-venv) ;;
  fuzz) packages+=(clang-14 libclang-rt-14-dev llvm-14 patch) ;;
  engines) packages+=(clang-14 libclang-rt-14-dev llvm-14 clang-19 libclang-rt-19-dev afl++) ;;
esac
if [ -n "${CI:-}" ]; then packages+=(chromium); fi

missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | tr -d ' ')" = ii ] || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "missing packages: ${missing[*]}"
if [ -n "${AMPSPEC_NO_INSTALL:-}" ]; then
  echo "install them with: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
