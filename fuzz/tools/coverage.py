# Tells which lines and branches of the codecs the checked-in corpora reach, and fails below the floors.
# SPDX-License-Identifier: Apache-2.0
#
#     coverage.py [--html FOLDER] [--corpora FOLDER | --from-empty BUILD --seconds 60] [--floor-lines 98.5] [--floor-branches 95.5]
#
# With --from-empty the inputs are those that each target of BUILD (preset `fuzz`) finds in so many seconds of processor time, without any to begin with;
# the floors are 95 % of lines, and none of branches.
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import subprocess
import sys

import targets as fuzz

BUILD = fuzz.ROOT / "build/fuzz-coverage"
# All of the protocols' code is a codec or a session of one, but for what stands here with its reason. Each part has tests of its own.
ROOMS = ["wire", "amp", "amps", "bulk"]
NO_CODECS = {
    # State of a broker and of a client behind the codecs: amps_session holds what they say against a model, through one of their many uses.
    "amps/broker": "the broker", "amps/session_": "what its sessions do", "amps/message_queue": "its queues", "amps/transaction_log": "its log",
    "amps/sow_store": "its records", "amps/subscription": "its subscriptions", "amps/timer_queue": "its timers", "amps/outgoing": "what waits for a socket",
    "amps/payload": "bodies that its sessions share", "amps/options": "what a subscriber may ask of it", "amps/order_by": "the order of its answers",
    "amps/json_merge": "how it merges records", "amps/moment": "its clock", "amps/client": "the client's pending commands",
    "amps/plain_message": "messages as test vectors tell them",
    "wire/error_table": "names of errors for people", "amp/errc": "names of errors for people", "amps/errc": "names of errors for people",
    "bulk/client": "an exchange over HTTP", "bulk/desk": "likewise", "bulk/exchange": "likewise", "bulk/http": "likewise", "bulk/resource": "likewise",
    "bulk/rules": "likewise",
}


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--html", type=pathlib.Path)
    parse.add_argument("--corpora", type=pathlib.Path, default=fuzz.FUZZ / "corpora")
    parse.add_argument("--from-empty", type=pathlib.Path)
    parse.add_argument("--seconds", type=int, default=60)
    parse.add_argument("--floor-lines", type=float)
    parse.add_argument("--floor-branches", type=float)
    parse.add_argument("--jobs", default="2")
    with_ = parse.parse_args()
    floors = {"floor_lines": 95, "floor_branches": 0} if with_.from_empty else {"floor_lines": 98.5, "floor_branches": 95.5}
    parse.set_defaults(**floors)
    with_ = parse.parse_args()
    run("cmake", "--preset", "fuzz-coverage", cwd=fuzz.ROOT, stdout=subprocess.DEVNULL)
    run("cmake", "--build", BUILD, "-j", with_.jobs, "--target", "fuzz_replay", stdout=subprocess.DEVNULL)
    replay = BUILD / "fuzz/fuzz_replay"
    if with_.from_empty:
        with_.corpora = BUILD / "from-empty"
        shutil.rmtree(with_.corpora, ignore_errors=True)

        def grown(name):
            corpus = with_.corpora / name
            corpus.mkdir(parents=True)
            return fuzz.Run(with_.from_empty.resolve() / f"fuzz/{name}_fuzzer", name, corpus, BUILD / "artifacts", 1, with_.seconds)

        with concurrent.futures.ThreadPoolExecutor(int(with_.jobs)) as pool:
            for name, run_ in zip(fuzz.targets(files=False), pool.map(grown, fuzz.targets(files=False))):
                inputs = sum(1 for _ in (with_.corpora / name).iterdir())
                print(f"{name:14} {run_.executions:>9} executions, {run_.cpu:.0f} s, {inputs} inputs {run_.oracle or ''}", flush=True)
    profiles = BUILD / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir()
    for name in fuzz.targets(files=False):
        if not any((with_.corpora / name).iterdir()):
            print(f"{name}: there is no input to play")
            continue
        run(replay, name, with_.corpora / name, env={"LLVM_PROFILE_FILE": str(profiles / f"{name}.profraw")}, stderr=subprocess.DEVNULL)
    merged = BUILD / "merged.profdata"
    run("llvm-profdata-14", "merge", "-sparse", *profiles.glob("*.profraw"), "-o", merged)
    told = run("llvm-cov-14", "export", "--summary-only", f"-instr-profile={merged}", replay, capture_output=True)
    rows, sums = [], {"lines": [0, 0], "branches": [0, 0]}
    for file in json.loads(told.stdout)["data"][0]["files"]:
        # A compiler cache may have made names relative to the build folder.
        name = str((BUILD / file["filename"]).resolve()).removeprefix(f"{fuzz.ROOT}/reference/")
        if name.split("/")[0] not in ROOMS or any(name.startswith(other) for other in NO_CODECS):
            continue
        rows.append((name, file["summary"]))
        for kind, both in sums.items():
            both[0] += file["summary"][kind]["covered"]
            both[1] += file["summary"][kind]["count"]
    for name, summary in sorted(rows):
        print(f"{name:32} lines {summary['lines']['percent']:6.2f} %   branches {summary['branches']['percent']:6.2f} %")
    lines, branches = (100 * both[0] / both[1] for both in sums.values())
    print(f"{'all':32} lines {lines:6.2f} %   branches {branches:6.2f} %")
    if with_.html:
        run("llvm-cov-14", "show", "-format=html", f"-output-dir={with_.html}", f"-instr-profile={merged}", replay,
            *(fuzz.ROOT / "reference" / name for name, _ in rows))
    return 0 if lines >= with_.floor_lines and branches >= with_.floor_branches else 1


if __name__ == "__main__":
    sys.exit(main())
