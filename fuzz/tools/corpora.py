# Makes corpora: keeps of many inputs few that reach most of what all of them reach, within the size that a repository bears.
# SPDX-License-Identifier: Apache-2.0
#
#     corpora.py [--only a,b] FOLDER...     each FOLDER has inputs in FOLDER/TARGET; fuzz/corpora is read too, and written
import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import targets as fuzz

BUILD = fuzz.ROOT / "build/fuzz-coverage"
MOST_FILES, MOST_OCTETS, LONGEST = 300, 256 * 1024, 2048
LONGER = {"amps_feed": 8192}  # frames in pieces begin above 4 KiB


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("folders", type=pathlib.Path, nargs="*")
    parse.add_argument("--only", default="")
    parse.add_argument("--jobs", default="2")
    with_ = parse.parse_args()
    subprocess.run(["cmake", "--preset", "fuzz-coverage"], cwd=fuzz.ROOT, stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["cmake", "--build", str(BUILD), "-j", with_.jobs, "--target", "fuzz_choose"], stdout=subprocess.DEVNULL, check=True)
    for name in fuzz.targets(files=False):
        if with_.only and name not in with_.only.split(","):
            continue
        kept = fuzz.FUZZ / "corpora" / name
        folders = [folder for folder in [kept, *(f / name for f in with_.folders)] if folder.is_dir()]
        _, longest, _ = fuzz.targets()[name]
        limits = MOST_FILES, MOST_OCTETS, min(longest, LONGER.get(name, LONGEST))
        told = subprocess.run([BUILD / "fuzz/fuzz_choose", name, *map(str, limits), *folders], env=dict(os.environ, LLVM_PROFILE_FILE="/dev/null"),
                              stdout=subprocess.PIPE, text=True, check=True)
        chosen = [pathlib.Path(file).read_bytes() for file in told.stdout.splitlines()]
        # What was kept before fills the room that is left: there are inputs of old findings among it, and ways that no region tells.
        before = {file.read_bytes() for file in kept.iterdir()} - set(chosen) if kept.is_dir() else set()
        for data in sorted(before, key=lambda data: (len(data), data)):
            if len(data) <= longest and len(chosen) < MOST_FILES and sum(map(len, chosen)) + len(data) <= MOST_OCTETS:
                chosen.append(data)
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for data in chosen:
            (kept / hashlib.sha1(data).hexdigest()).write_bytes(data)
        print(f"{name:14} kept {len(chosen)} inputs, {sum(map(len, chosen))} octets")


if __name__ == "__main__":
    sys.exit(main())
