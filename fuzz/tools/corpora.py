# Minimises corpora: keeps of many inputs the smallest ones that reach all that they reach, within the size that a repository bears.
# SPDX-License-Identifier: Apache-2.0
#
#     corpora.py [--only a,b] BUILD FOLDER...     each FOLDER has inputs in FOLDER/TARGET; fuzz/corpora is read too, and written
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

import targets as fuzz

MOST_FILES, MOST_OCTETS, LONGEST = 300, 256 * 1024, 2048


def merged(program, options, folders, into):
    subprocess.run([str(program), "-merge=1", *options, str(into), *map(str, folders)], check=True, stderr=subprocess.DEVNULL)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("folders", type=pathlib.Path, nargs="*")
    parse.add_argument("--only", default="")
    with_ = parse.parse_args()
    for name, (_, most, _) in fuzz.targets().items():
        if with_.only and name not in with_.only.split(","):
            continue
        kept = fuzz.FUZZ / "corpora" / name
        program = with_.build.resolve() / "fuzz" / f"{name}_fuzzer"
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            folders = [folder for folder in [kept, *(f / name for f in with_.folders)] if folder.is_dir()]
            merged(program, [f"-max_len={min(most, LONGEST)}", "-timeout=5"], folders, scratch)
            # The merge takes small inputs first; where there are too many, those that are least go on living.
            files = sorted(scratch.iterdir(), key=lambda f: f.stat().st_size)
            octets = 0
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for file in files[:MOST_FILES]:
                octets += file.stat().st_size
                if octets > MOST_OCTETS:
                    break
                data = file.read_bytes()
                (kept / hashlib.sha1(data).hexdigest()).write_bytes(data)
            print(f"{name:14} {len(files)} inputs, kept {len(list(kept.iterdir()))}")


if __name__ == "__main__":
    sys.exit(main())
