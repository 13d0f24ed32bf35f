# Puts what a fuzzing service needs into one folder: for each target the program, its corpus, options and dictionary.
# SPDX-License-Identifier: Apache-2.0
#
#     pack.py BUILD OUT
import os
import pathlib
import shutil
import sys
import zipfile

import targets as fuzz


def main(build, out):
    out.mkdir(parents=True, exist_ok=True)
    alone = list(filter(None, os.environ.get("AMPSPEC_FUZZ_TARGETS", "").split(";")))
    for name in alone or fuzz.targets(files=False):  # the service has no library of ours
        program = f"{name}_fuzzer"
        shutil.copy(build / "fuzz" / program, out / program)
        files = sorted((fuzz.FUZZ / "corpora" / name).glob("*"))
        if files:
            with zipfile.ZipFile(out / f"{program}_seed_corpus.zip", "w", zipfile.ZIP_DEFLATED) as corpus:
                for file in files:
                    corpus.write(file, file.name)
        options = fuzz.options(name)
        shutil.copy(options["dict"], out / f"{program}.dict")
        (out / f"{program}.options").write_text(f"[libfuzzer]\nmax_len = {options['max_len']}\ntimeout = 25\ndict = {program}.dict\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
