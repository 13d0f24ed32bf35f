# Plays what OSS-Fuzz does with the targets, without its images: builds by fuzz/build_targets.sh and looks at the result.
# SPDX-License-Identifier: Apache-2.0
#
#     oss_fuzz_check.py [--sanitizers address,undefined] [--targets bulk_tokens] [--no-control]
#
# With `--targets` these alone are built: `bulk_tokens` needs a fifth of the codecs, and shows what the script, the flags and the linker do as well as all.
#
# The flags are those that the base image sets; what is looked at is what its `bad_build_check` looks at, written anew from its description: programs with
# an entry point; one sanitizer and not two; instrumentation; a start from a folder of another name, with no corpus; corpora that crash nothing; options and
# dictionary that were picked up. A build with two sanitizers must be rejected, or the check itself is broken.
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import targets as fuzz

BASE = "-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
SANITIZER = {"address": "-fsanitize=address -fsanitize-address-use-after-scope",
             "undefined": "-fsanitize=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,"
                          "shift,signed-integer-overflow,unsigned-integer-overflow,unreachable,vla-bound,vptr "
                          "-fno-sanitize-recover=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,"
                          "returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr"}
# Calls of a sanitizer's runtime in the code of one program that are not in an empty one too: at least, and at most, by the sanitizer that was asked for.
# `bad_build_check` counts the runtime's calls of itself as well, and allows 200 of ubsan in a build for address; clang 14's runtime alone has 235.
CALLS = {"address": {"asan": (1000, None), "ubsan": (0, 0), "msan": (0, 0)},
         "undefined": {"asan": (0, 0), "ubsan": (100, None), "msan": (0, 0)}}
EMPTY = "#include <cstddef>\n#include <cstdint>\nextern \"C\" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) { return 0; }\n"


def build(folder, sanitizer, more="", alone=()):
    """The folder OUT of a build, at a place whose name nothing knows; everything else is as OSS-Fuzz sets it."""
    source, out, work = folder / "src", folder / "out", folder / "work"
    for each in (source, out, work):
        each.mkdir(parents=True)
    (source / "ampspec").symlink_to(fuzz.ROOT)
    flags = f"{BASE} {SANITIZER[sanitizer]} {more} -fsanitize=fuzzer-no-link"
    env = dict(os.environ, SRC=str(source), OUT=str(out), WORK=str(work), CC="clang-14", CXX="clang++-14", CFLAGS=flags,
               CXXFLAGS=flags, LIB_FUZZING_ENGINE="-fsanitize=fuzzer", SANITIZER=sanitizer, FUZZING_ENGINE="libfuzzer",
               ARCHITECTURE="x86_64", FUZZING_LANGUAGE="c++", AMPSPEC_JOBS="2", AMPSPEC_FUZZ_TARGETS=";".join(alone))
    done = subprocess.run(["bash", "-eux", str(source / "ampspec/fuzz/build_targets.sh")], cwd=source / "ampspec", env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.stdout.buffer.write(done.stdout[-4000:])
        raise SystemExit(f"the build for {sanitizer} failed")
    elsewhere = pathlib.Path(tempfile.mkdtemp(prefix="moved", dir=folder))
    for file in out.iterdir():
        shutil.move(file, elsewhere / file.name)
    out.rmdir()
    # What the runtime has of itself is told by a program that has nothing else. For two sanitizers it is that of the one that was asked for.
    empty = folder / "empty"
    plain = f"{BASE} {SANITIZER[sanitizer]} -fsanitize=fuzzer-no-link"
    subprocess.run(["clang++-14", *plain.split(), "-x", "c++", "-", "-fsanitize=fuzzer", "-static-libstdc++", "-o", str(empty)], input=EMPTY.encode(), check=True)
    return elsewhere, calls(empty)


def programs(out):
    return sorted(file for file in out.iterdir() if file.is_file() and file.read_bytes()[:4] == b"\x7fELF")


def calls(program):
    code = subprocess.run(["llvm-objdump-14", "-d", "--no-show-raw-insn", str(program)], check=True, capture_output=True, text=True).stdout
    lines = [line for line in code.splitlines() if "call" in line]
    return {"asan": sum("__asan" in line for line in lines), "ubsan": sum("__ubsan" in line for line in lines),
            "msan": sum("__msan" in line for line in lines)}


def started(program, folder, *arguments):
    env = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=10:detect_stack_use_after_return=1",
           "UBSAN_OPTIONS": "silence_unsigned_overflow=1"}
    return subprocess.run([str(program), "-seed=1337", *arguments], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                          check=False, text=True, errors="replace")


def faults_of(made, sanitizer, alone=(), run=True):
    """What is wrong with a build, a line each."""
    out, runtime = made
    found = []
    expected = {f"{name}_fuzzer" for name in alone or fuzz.targets(files=False)}
    have = {p.name for p in programs(out)}
    found += [f"{name}: is missing" for name in sorted(expected - have)] + [f"{name}: is no target" for name in sorted(have - expected)]
    for program in programs(out):
        if b"LLVMFuzzerTestOneInput" not in program.read_bytes():
            found.append(f"{program.name}: has no entry point")
        if not re.fullmatch(r"[a-z0-9_-]+", program.name):
            found.append(f"{program.name}: has a name that is not allowed")
        counted = {kind: n - runtime[kind] for kind, n in calls(program).items()}
        for kind, (least, most) in CALLS[sanitizer].items():
            if counted[kind] < least or most is not None and counted[kind] > most:
                found.append(f"{program.name}: {counted[kind]} calls of {kind} in a build for {sanitizer}")
        if not run:
            continue
        with tempfile.TemporaryDirectory() as empty:
            began = started(program, empty, "-runs=4")
            if began.returncode != 0:
                found.append(f"{program.name}: does not start: {began.stdout[-300:]}")
            edges = re.search(r"Loaded 1 modules +\((\d+) inline 8-bit counters\)", began.stdout)
            if not edges or int(edges.group(1)) < 100:
                found.append(f"{program.name}: is not instrumented")
            corpus = out / f"{program.name}_seed_corpus.zip"
            if corpus.exists():
                with zipfile.ZipFile(corpus) as files:
                    files.extractall(pathlib.Path(empty, "corpus"))
                options = dict(line.split(" = ") for line in (out / f"{program.name}.options").read_text().splitlines() if " = " in line)
                played = started(program, empty, "-runs=0", f"-max_len={options['max_len']}", f"-dict={out / options['dict']}", "corpus")
                if played.returncode != 0:
                    found.append(f"{program.name}: its corpus crashes it: {played.stdout[-300:]}")
                if not re.search(r"Dictionary: [1-9]\d* entries", played.stdout):
                    found.append(f"{program.name}: the dictionary was not read")
            else:
                found.append(f"{program.name}: has no corpus")
    return found


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--sanitizers", default="address,undefined")
    parse.add_argument("--targets", default="")
    parse.add_argument("--no-control", action="store_true")
    with_ = parse.parse_args()
    alone = tuple(filter(None, with_.targets.split(",")))
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for sanitizer in with_.sanitizers.split(","):
            found = faults_of(build(folder / sanitizer, sanitizer, alone=alone), sanitizer, alone)
            print(f"{sanitizer}: {'passes' if not found else 'FAILS'}", *found, sep="\n  ")
            failed = failed or bool(found)
        if not with_.no_control:
            found = faults_of(build(folder / "mixed", "address", SANITIZER["undefined"], alone), "address", alone, run=False)
            print(f"address and undefined in one build: {'rejected, as it must be' if found else 'ACCEPTED'}")
            failed = failed or not found
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
