# The front of the project: each target installs what is missing, builds, and runs.
# SPDX-License-Identifier: Apache-2.0
.PHONY: run test build bench matrix findings check fuzz-smoke fuzz-faults fuzz-coverage fuzz-from-empty fuzz-engines fuzz-oss-check fuzz-build install configure clean
SHELL := /bin/bash
BIN := build/release/ampspec
JOBS ?= $(shell nproc)

# The whole suite against the built-in reference peer in every role; reports in out/.
run: build
	$(BIN) run --json out/results.jsonl --junit out/junit.xml --html out/report.html
	@echo "report: $(CURDIR)/out/report.html"

# Every test of the project: all but Twisted's and the browser's under the address and undefined behaviour sanitizers, then in a release build
# the vectors, the whole suite, the report in a browser and Twisted. The last lines are ctest's.
test: export ASAN_SYMBOLIZER_PATH := /usr/lib/llvm-14/bin/llvm-symbolizer
test:
	tools/install.sh test
	cmake --preset ci
	cmake --build build/release -j $(JOBS)
	cmake --preset asan
	cmake --build build/asan -j $(JOBS)
	ctest --test-dir build/asan -j $(JOBS) --output-on-failure -LE "slow|whole" -E ^browser_
	ctest --test-dir build/release -j $(JOBS) --output-on-failure -E ^end_to_end_

# What `make test` has configured is kept: its warnings that are errors would else cost a build of everything.
build: install
	@[ -f build/release/build.ninja ] || cmake --preset release
	cmake --build build/release -j $(JOBS) --target ampspec

bench: build
	cmake --build build/release -j $(JOBS) --target amp_bench amps_broker_bench amps_codec_bench
	build/release/reference/amp/amp_bench
	build/release/reference/amps/amps_broker_bench
	/usr/bin/python3 reference/amp/bench/compare_twisted.py build/release/reference/amp/amp_bench
	$(BIN) bench calls
	$(BIN) bench publishes
	$(BIN) bench interactivity --megabytes 8 --seconds 1
	$(BIN) bench interactivity twisted --megabytes 8 --seconds 1
	build/release/reference/amps/amps_codec_bench

# Third-party implementations that the package registries have, each at a pinned version, side by side: out/matrix/index.html (docs/matrix.md).
matrix: build
	tools/install.sh matrix
	tools/matrix.sh $(BIN)

# What the last `make matrix` found, for docs/findings.
findings:
	mkdir -p docs/findings
	cp out/matrix/findings/*.md docs/findings/

# Format, static analysis, vectors, schemas.
check:
	tools/install.sh check
	cmake --preset release
	cmake --build build/release -j $(JOBS)
	git ls-files '*.hpp' '*.cpp' | xargs clang-format-14 --dry-run -Werror
	$(BIN) lint
	/usr/bin/python3 vectors/schema/check.py
	git ls-files '*.cpp' | grep -v _test.cpp | xargs -P $(JOBS) -n 4 clang-tidy-14 -p build/release --quiet

# Each fuzz target for 15 s of processor time (6 where CI is set, and there with one seed, so that a commit is judged alike each time) from its corpus: fails on a finding, a leak, a slow input, or if it is slower than it was.
fuzz-smoke: fuzz-build
	/usr/bin/python3 -B fuzz/tools/smoke.py build/fuzz --seconds $(if $(CI),6 --seed 1,15)

# Which target sees which seeded fault, and how soon (docs/fuzzing.md).
fuzz-faults: fuzz-build
	/usr/bin/python3 -B fuzz/tools/run_faults.py build/fuzz --first-target --seeds 10 --json out/fuzz-faults.json

# Lines and branches of the codecs that the corpora reach.
fuzz-coverage:
	tools/install.sh fuzz
	/usr/bin/python3 -B fuzz/tools/coverage.py

# The same of what each target finds in 60 s of processor time with nothing to begin with; ten minutes.
fuzz-from-empty: fuzz-build
	/usr/bin/python3 -B fuzz/tools/coverage.py --from-empty build/fuzz

# The targets with what else drives them or looks at them: clang 19's libFuzzer, the undefined behaviour sanitizer, AFL++; three builds.
fuzz-engines:
	tools/install.sh engines
	for preset in fuzz-clang-19 fuzz-ubsan fuzz-afl; do cmake --preset $$preset && cmake --build build/$$preset -j $(JOBS) --target fuzzers || exit 1; done
	/usr/bin/python3 -B fuzz/tools/smoke.py build/fuzz-clang-19 --seconds 15
	/usr/bin/python3 -B fuzz/tools/smoke.py build/fuzz-ubsan --seconds 15
	/usr/bin/python3 -B fuzz/tools/afl.py build/fuzz-afl --seconds 20

# Plays the build of OSS-Fuzz for two sanitizers and looks at its programs; a build with both in one must be rejected.
fuzz-oss-check:
	tools/install.sh fuzz
	/usr/bin/python3 -B fuzz/tools/oss_fuzz_check.py

fuzz-build:
	tools/install.sh fuzz
	cmake --preset fuzz
	cmake --build build/fuzz -j $(JOBS) --target fuzzers

install:
	@tools/install.sh

clean:
	rm -rf build out
