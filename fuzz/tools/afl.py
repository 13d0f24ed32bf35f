# Runs targets under AFL++ for a short time from their corpora, and fails on a finding or on a target that does not do the same for the same octets.
# SPDX-License-Identifier: Apache-2.0
#
#     afl.py BUILD [--seconds 20] [--only a,b] [--jobs 2]
#
# BUILD is a build folder of the preset `fuzz-afl`. AFL++ takes no mutators of ours: it is the check that the targets and their inputs suit another engine.
# Its `stability` is the share of edges that are passed alike each time an input is played; those of what a function makes once, for all later calls, are not.
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

import targets as fuzz

# Octets of a corpus that are taken: AFL++ plays each of its files many times before it begins.
MOST_OCTETS = 2048
MOST_FILES = 60
# What has been seen is 98.3 to 99.9 %: one to eight edges, of tables that are filled when they are first needed.
STEADY = 97.5


def inputs_of(name, folder):
    """Some of a target's corpus, the shortest first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = sorted((fuzz.FUZZ / "corpora" / name).iterdir(), key=lambda f: (f.stat().st_size, f.name))
    for file in [f for f in files if 0 < f.stat().st_size <= MOST_OCTETS][:MOST_FILES]:
        shutil.copy(file, folder / file.name)
    return folder


def one(build, name, seconds):
    """What is wrong with a run of a target (empty if nothing), and a line about it."""
    out = build / "afl" / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    env = dict(os.environ, AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1", AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1", AFL_NO_AFFINITY="1", AFL_NO_COLOR="1",
               AFL_BENCH_UNTIL_CRASH="1")
    command = ["afl-fuzz", "-i", str(inputs_of(name, build / "afl-inputs" / name)), "-o", str(out), "-V", str(seconds), "-t", "5000", "-m", "none", "--",
               str(build / "fuzz" / f"{name}_fuzzer")]
    with open(out / "said.txt", "wb") as said:
        try:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=env, timeout=seconds * 20 + 120, check=False).returncode
        except subprocess.TimeoutExpired:
            return [f"AFL++ did not end: see {out}/said.txt"], f"{name:14}"
    stats_file = out / "default/fuzzer_stats"
    if not stats_file.exists():
        return [f"AFL++ did not begin (status {status}): see {out}/said.txt"], f"{name:14}"
    stats = dict(line.split(":", 1) for line in stats_file.read_text().splitlines() if ":" in line)
    stats = {key.strip(): value.strip() for key, value in stats.items()}
    wrong = [f"{stats[kind]} {kind}: {out}/default" for kind in ("saved_crashes", "saved_hangs") if stats.get(kind, "0") != "0"]
    if float(stats["stability"].rstrip("%")) < STEADY:
        wrong.append(f"stability {stats['stability']}: the same octets do not always go the same way")
    if int(stats["execs_done"]) < 100:
        wrong.append("less than 100 executions")
    return wrong, f"{name:14} {stats['execs_done']:>8} executions, {float(stats['execs_per_sec']):>7.0f}/s, {stats['edges_found']} of {stats['total_edges']} edges, stability {stats['stability']}"


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("--seconds", type=int, default=20)
    parse.add_argument("--only", default="")
    parse.add_argument("--jobs", type=int, default=2)
    with_ = parse.parse_args()
    names = [name for name in fuzz.targets() if not with_.only or name in with_.only.split(",")]
    return fuzz.judged(names, with_.jobs, lambda name: one(with_.build.resolve(), name, with_.seconds))


if __name__ == "__main__":
    sys.exit(main())
