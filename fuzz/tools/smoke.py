# Runs each target for a short time from its corpus, and fails on any finding and on a harness that has become slow.
# SPDX-License-Identifier: Apache-2.0
#
#     smoke.py BUILD [--seconds 15] [--jobs 2] [--only a,b] [--seeds FOLDER]
import argparse
import pathlib
import random
import shutil
import sys

import targets as fuzz

# Executions in a second of processor time, under the address sanitizer, inputs of at most 4 KiB: about a third of what a busy machine of two cores
# gave. They catch a harness that has become useless, not one that is a little slower.
FLOORS = {"amp_decode": 1400, "amp_feed": 1300, "amp_encode": 270, "amp_large": 120, "amp_types": 1800, "amp_arguments": 350, "amp_bigstring": 450,
          "amp_peer": 170, "amp_session": 190, "amp_stream": 500, "bulk_tokens": 1800, "amps_decode": 2000, "amps_feed": 1000,
          "amps_header": 1900, "amps_ws": 2800, "amps_parts": 3900, "amps_filter": 350, "amps_json": 1300, "amps_session": 180,
          "adapter_stream": 1800, "vector_file": 700, "capture": 9000}
SLOWEST = 1  # seconds that one input may take
MOST_MB = 512


def one(build, name, seconds, seeds, seed):
    """What is wrong with a run of a target (empty if nothing), and a line about it."""
    corpus = build / "smoke" / name
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    more = [folder for folder in (fuzz.FUZZ / "corpora" / name, seeds / name if seeds else None) if folder and folder.is_dir()]
    run = fuzz.Run(build / "fuzz" / f"{name}_fuzzer", name, corpus, build / "smoke" / "artifacts" / name, seed, seconds,
                   more_corpora=more, extra=("-report_slow_units=1",))
    rate = run.executions / run.cpu if run.cpu else 0
    wrong = []
    if run.status != 0:
        wrong.append(f"oracle {run.oracle}: " + next((line for line in run.text.splitlines() if "ampspec-oracle" in line or "ERROR" in line), ""))
        wrong.append(f"again: {build}/fuzz/{name}_fuzzer {build}/smoke/artifacts/{name}/*   (seed {seed})")
    if rate < FLOORS.get(name, 200):
        wrong.append(f"{rate:.0f} executions a second of processor time, the floor is {FLOORS.get(name, 200)}")
    if run.slowest > SLOWEST:
        wrong.append(f"one input took {run.slowest} s")
    if run.peak_mb > MOST_MB:
        wrong.append(f"{run.peak_mb} MiB")
    return wrong, f"{name:14} {run.executions:>9} executions, {rate:>7.0f}/s, {run.peak_mb} MiB"


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("--seconds", type=int, default=15)
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("--only", default="")
    parse.add_argument("--seeds", type=pathlib.Path)
    parse.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    with_ = parse.parse_args()
    print(f"seed {with_.seed}")
    names = [name for name in fuzz.targets() if not with_.only or name in with_.only.split(",")]
    return fuzz.judged(names, with_.jobs, lambda name: one(with_.build.resolve(), name, with_.seconds, with_.seeds, with_.seed))


if __name__ == "__main__":
    sys.exit(main())
