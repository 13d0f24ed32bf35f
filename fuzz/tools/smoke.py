# Runs each target for a short time from its corpus, and fails on any finding and on a harness that has become slow.
# SPDX-License-Identifier: Apache-2.0
#
#     smoke.py BUILD [--seconds 15] [--jobs 2] [--only a,b] [--seeds FOLDER]
import argparse
import concurrent.futures
import pathlib
import random
import shutil
import statistics
import sys

import targets as fuzz

# Executions in a second of processor time, under the address sanitizer, inputs of at most 4 KiB, as shares of what the yardstick does in the same run
# (fuzz/engine/yardstick.cpp): at most half of what was measured. They catch a harness that has become slow, on whatever machine.
FLOORS = {"amp_decode": 0.21, "amp_feed": 0.14, "amp_encode": 0.022, "amp_large": 0.011, "amp_types": 0.13, "amp_arguments": 0.03, "amp_bigstring": 0.06,
          "amp_peer": 0.03, "amp_session": 0.09, "amp_stream": 0.03, "bulk_tokens": 0.13, "amps_decode": 0.2, "amps_feed": 0.1, "amps_header": 0.12,
          "amps_ws": 0.2, "amps_parts": 0.6, "amps_filter": 0.04, "amps_json": 0.14, "amps_session": 0.01, "adapter_stream": 0.1, "vector_file": 0.09,
          "capture": 0.75}
YARDSTICK_SECONDS = 3
SLOWEST = 1  # seconds that one input may take
MOST_MB = 512


def yardstick(build, jobs):
    """Executions of the yardstick in a second of processor time, with as many of it at once as of targets."""
    def rate(seed):
        corpus = build / "smoke" / f"yardstick-{seed}"
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir(parents=True)
        run = fuzz.Run(build / "fuzz" / "fuzz_yardstick", "amp_decode", corpus, build / "smoke/artifacts/yardstick", seed, YARDSTICK_SECONDS,
                       more_corpora=[fuzz.FUZZ / "corpora/amp_decode"])
        if run.status != 0 or not run.cpu:
            raise SystemExit(f"the yardstick failed: {run.text[-2000:]}")
        return run.executions / run.cpu
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return statistics.mean(pool.map(rate, range(1, jobs + 1)))


def one(build, name, seconds, seeds, seed, yards):
    """What is wrong with a run of a target (empty if nothing), and a line about it. `yards`: what the yardstick does in a second."""
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
    floor = FLOORS[name] * yards
    if rate < floor:
        wrong.append(f"{rate:.0f} executions a second of processor time, the floor is {floor:.0f}: {FLOORS[name]} of the yardstick's")
    if run.slowest > SLOWEST:
        wrong.append(f"one input took {run.slowest} s")
    if run.peak_mb > MOST_MB:
        wrong.append(f"{run.peak_mb} MiB")
    return wrong, f"{name:14} {run.executions:>9} executions, {rate:>7.0f}/s, {rate / yards:.4f} of the yardstick, {run.peak_mb} MiB"


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("--seconds", type=int, default=15)
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("--only", default="")
    parse.add_argument("--seeds", type=pathlib.Path)
    parse.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    with_ = parse.parse_args()
    yards = yardstick(with_.build.resolve(), with_.jobs)
    print(f"seed {with_.seed}; the yardstick: {yards:.0f}/s", flush=True)
    names = [name for name in fuzz.targets() if not with_.only or name in with_.only.split(",")]
    return fuzz.judged(names, with_.jobs, lambda name: one(with_.build.resolve(), name, with_.seconds, with_.seeds, with_.seed, yards))


if __name__ == "__main__":
    sys.exit(main())
