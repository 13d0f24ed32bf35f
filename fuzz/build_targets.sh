#!/bin/bash -eu
# Builds the targets as OSS-Fuzz and ClusterFuzzLite want them: flags from the environment, everything needed into $OUT.
# SPDX-License-Identifier: Apache-2.0
#
# $SRC/ampspec is the checkout; AMPSPEC_FUZZ_TARGETS (a list with semicolons) builds these targets alone; $OUT, $WORK, $CC, $CXX, $CFLAGS, $CXXFLAGS and $LIB_FUZZING_ENGINE come from the base image.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cmake -S "$here/.." -B "$WORK/build" -DCMAKE_BUILD_TYPE= -DAMPSPEC_FUZZ_ONLY=ON -DAMPSPEC_FUZZ_FILES=OFF "-DAMPSPEC_FUZZ_TARGETS=${AMPSPEC_FUZZ_TARGETS:-}" "-DAMPSPEC_FUZZ_ENGINE=$LIB_FUZZING_ENGINE"
cmake --build "$WORK/build" -j "${AMPSPEC_JOBS:-$(nproc)}" --target fuzzers
python3 -B "$here/tools/pack.py" "$WORK/build" "$OUT"
