#!/usr/bin/env bash
# Fetches third-party implementations at pinned versions into build/matrix and judges each against its baseline.
# SPDX-License-Identifier: Apache-2.0
#
#     tools/matrix.sh PROGRAM     exit: 0 all conform, 1 one does not, 2 one could not be judged; the last line is `judged N of M`
set -uo pipefail
program=$(realpath "${1:?the ampspec program}")
cd "$(dirname "$0")/.."
judged=0 all=0 status=0

not_judged() {  # NAME WHY
  echo "$1: not judged: $2"
  [ "$status" != 0 ] || status=2
}

# python NAME: a virtual environment build/matrix/NAME with exactly what runner/matrix/NAME.txt pins by hash.
python() {
  local place=build/matrix/$1 pins=runner/matrix/$1.txt
  [ -f "$place/pins" ] && cmp -s "$place/pins" "$pins" && return 0
  rm -rf "$place"
  /usr/bin/python3 -m venv "$place" > "$place.log" 2>&1 || return 1
  timeout 300 "$place/bin/python3" -m pip install --require-hashes --only-binary :all: --no-deps --disable-pip-version-check \
    -r "$pins" >> "$place.log" 2>&1 || return 1
  cp "$pins" "$place/pins"
}

# judge TARGET: the whole suite in every role; what deviates stands in the baseline, with reasons.
judge() {
  judged=$((judged + 1))
  mkdir -p out
  "$program" run "$1" --baseline "runner/targets/$1.baseline" --json "out/$1.jsonl" || status=1
}

mkdir -p build/matrix
all=$((all + 1))
if python twisted; then
  judge twisted-pypi
else
  not_judged twisted-pypi "its packages can't be installed (the package index is away, or python3-venv is missing); see build/matrix/twisted.log"
fi

echo "judged $judged of $all"
exit "$status"
