#!/usr/bin/env bash
# Fetches what runner/matrix/manifest.txt pins into build/matrix, builds its adapters, and judges each against its baseline.
# SPDX-License-Identifier: Apache-2.0
#
#     tools/matrix.sh PROGRAM [COLUMN…]    reports in out/matrix; the last line is `judged N of M`
#     exit: 0 all as the baselines say; 1 one is not, or what Debian has is not installed; 2 one could not be judged
#     MATRIX_SECONDS: for all of it, fetching and building too; what is not done by then is not judged
set -uo pipefail
program=$(realpath "${1:?the ampspec program}")
shift
cd "$(dirname "$0")/.."
manifest=runner/matrix/manifest.txt
out=out/matrix
budget=${MATRIX_BUDGET:-400}  # seconds for one column
began=$(date +%s)
ends=${MATRIX_SECONDS:-3600}
mkdir -p build/matrix "$out"
mapfile -t columns < <(awk '!/^#/ && NF && !seen[$1]++ {print $1}' "$manifest")
[ $# -gt 0 ] && columns=("$@")

# left MOST: the seconds that are left, MOST at most; at least 1.
left() { local rest=$((ends - $(since))); echo $((rest < 1 ? 1 : rest < $1 ? rest : $1)); }
since() { echo $(($(date +%s) - began)); }

# pins COLUMN: its packages as `REGISTRY PACKAGE VERSION CHECKSUM`.
pins() { awk -v c="$1" '!/^#/ && $1 == c {print $2, $3, $4, $5}' "$manifest"; }

# python COLUMN: a virtual environment with exactly what runner/matrix/COLUMN.txt pins by hash.
python() {
  local place=build/matrix/$1 needs=runner/matrix/$1.txt
  [ -f "$place/pins" ] && cmp -s "$place/pins" "$needs" && return 0
  rm -rf "$place"
  command -v /usr/bin/python3 > /dev/null || { why="python3 is not installed"; return 1; }
  why="its packages can't be installed (the package index is away, or python3-venv is missing): build/matrix/$1.log"
  /usr/bin/python3 -m venv "$place" > "$place.log" 2>&1 || return 1
  timeout "$(left 300)" "$place/bin/python3" -m pip install --require-hashes --only-binary :all: --no-deps --disable-pip-version-check \
    -r "$needs" >> "$place.log" 2>&1 || return 1
  cp "$needs" "$place/pins"
}

# rust COLUMN: the programs of runner/adapters/COLUMN, built from exactly what its Cargo.lock pins by checksum.
rust() {
  local from=runner/adapters/$1 place=build/matrix/$1 program
  command -v cargo > /dev/null || { why="cargo is not installed"; return 1; }
  why="its adapter can't be built (crates.io is away, or cargo is older than 1.85): build/matrix/$1.log"
  # A crate that is here already asks the registry for nothing.
  CARGO_TARGET_DIR=build/matrix/cargo timeout "$(left 900)" cargo build --release --locked --offline --manifest-path "$from/Cargo.toml" \
    > "$place.log" 2>&1 || CARGO_TARGET_DIR=build/matrix/cargo timeout "$(left 900)" cargo build --release --locked \
    --manifest-path "$from/Cargo.toml" >> "$place.log" 2>&1 || return 1
  mkdir -p "$place/bin"
  while read -r program; do cp -f "build/matrix/cargo/release/$program" "$place/bin/"; done < <(
    cargo metadata --no-deps --offline --locked --format-version 1 --manifest-path "$from/Cargo.toml" |
      /usr/bin/python3 -c 'import json, sys
for target in json.load(sys.stdin)["packages"][0]["targets"]:
    if "bin" in target["kind"]: print(target["name"])')
}

# debian COLUMN: the packages are there, at the versions pinned.
debian() {
  local registry package version checksum there
  while read -r registry package version checksum; do
    there=$(dpkg-query -W -f '${Version}' "$package" 2> /dev/null) || { why="Debian's $package is not installed"; return 1; }
    [ "$there" = "$version" ] || echo "$1: Debian's $package is $there, the manifest says $version" >&2
  done < <(pins "$1")
}

prepare() {
  local registry
  registry=$(pins "$1" | head -1 | cut -d' ' -f1)
  why="nothing knows how to fetch from $registry"
  case $registry in
    Debian) debian "$1" ;;
    PyPI) python "$1" ;;
    crates.io) rust "$1" ;;
    *) return 1 ;;
  esac
}

# judge COLUMN: the whole suite in every role; what deviates stands in the baseline, with reasons.
judge() {
  local code=0 most
  most=$(left "$budget")
  "$program" run "$1" --baseline "runner/targets/$1.baseline" --budget "$most" --deadline 4000 --trace --json "$out/$1.jsonl" --html "$out/$1.html" \
    > "$out/$1.txt" 2>&1 || code=$?
  if [ $code = 4 ]; then  # half a run says nothing
    rm -f "$out/$1".{jsonl,html}
    echo "the run was not done after $most s: $out/$1.txt" > "$out/$1.why"
    code=0
  elif [ $code = 2 ] && [ ! -s "$out/$1.jsonl" ]; then  # it could not be attached
    tail -1 "$out/$1.txt" > "$out/$1.why"
    code=0
  fi
  echo $code > "$out/$1.exit"
}
export -f judge left since
export program out budget began ends

for column in "${columns[@]}"; do rm -f "$out/$column".{jsonl,html,txt,exit,why}; done
# They wait as much as they work, so as many at a time as there are processors; one is judged while the next is built.
for column in "${columns[@]}"; do
  if prepare "$column"; then echo "$column"; else echo "$why" > "$out/$column.why"; fi
done | xargs -P "${MATRIX_JOBS:-$(nproc)}" -I{} bash -c 'judge {}'

status=0
for column in "${columns[@]}"; do
  # Debian's packages come with what the project needs, so that they are not there is an error.
  if [ -f "$out/$column.why" ] && [ ! -f "$out/$column.txt" ] && [ "$(pins "$column" | head -1 | cut -d' ' -f1)" = Debian ]; then
    echo "--- $column: $(cat "$out/$column.why")"
    status=1
  fi
  code=$(cat "$out/$column.exit" 2> /dev/null || echo 0)
  [ "$code" = 0 ] && continue
  status=1
  echo "--- $column: exit $code; the whole of it is $out/$column.txt"
  grep -E '^(FAIL|WARN|CRASH|TIMEOUT|XPASS|HARNESS)|baseline|  exit [0-9]' "$out/$column.txt" | tail -60
done
"$program" matrix "$manifest" "$out" --html "$out/index.html" --json "$out/matrix.json" --markdown "$out/matrix.md" \
  --findings "$out/findings" || { code=$?; [ "$status" != 0 ] || status=$code; }
exit "$status"
