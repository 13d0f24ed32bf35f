# Puts each fault of fuzz/faults into a copy of the codec and tells how soon which target sees it.
# SPDX-License-Identifier: Apache-2.0
#
#     run_faults.py BUILD [--only F01,F02] [--seeds 3] [--seconds 10] [--runs 100000] [--json FILE] [--all-targets | --first-target | --other-targets] [--from-seeds FOLDER]
#
# BUILD is a build folder of the preset `fuzz`. Nothing of the source tree is changed: the patched files stand in BUILD/faults and go in front of the others.
import argparse
import concurrent.futures
import functools
import json
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys

import targets as fuzz


def read_fault(path):
    """Head lines of a patch, and the files that it changes."""
    text = path.read_text()
    head = dict(line.split(": ", 1) for line in text.split("\n\n", 1)[0].splitlines())
    files = [line[6:] for line in text.splitlines() if line.startswith("+++ b/")]
    return {"id": path.name.split("-")[0], "name": head["fault"], "clause": head["clause"], "what": head["what"],
            "targets": head["targets"].split(), "flags": head.get("flags", "").split(), "files": files, "path": path}


def faults():
    return [read_fault(path) for path in sorted((fuzz.FUZZ / "faults").glob("F*.patch"))]


def patched_copy(fault, folder):
    """The files of a fault, patched; stops where the patch does not fit exactly."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in fault["files"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fuzz.ROOT / name, folder / name)
    subprocess.run(["patch", "-p1", "-s", "-F0", "-i", fault["path"]], cwd=folder, check=True)


def sources_of(name):
    """What has to be compiled again for a patched file: itself, or for a header all of its room."""
    if name.endswith(".cpp"):
        return [name]
    room = pathlib.Path(name).parent
    return [str(room / p.name) for p in sorted((fuzz.ROOT / room).glob("*.cpp")) if not p.name.endswith("_test.cpp")]


def command_for(fault, folder, entry, source, made):
    """The words that compile one source of a fault: as the build does it, but with the patched files in front of the tree's, headers too."""
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = str(made)
    words[words.index("-c") + 1] = str(source)
    words[words.index("-c"):words.index("-c")] = fault["flags"]  # what a build of a fuzzing service has beside ours, and only this fault needs
    words.insert(next(i for i, word in enumerate(words) if word.startswith("-I")), f"-I{folder}")
    return words


def compiled(fault, folder, commands):
    """Object files of a fault."""
    objects = []
    for name in dict.fromkeys(source for file in fault["files"] for source in sources_of(file)):
        entry = commands[str(fuzz.ROOT / name)]
        made = folder / (name + ".o")
        made.parent.mkdir(parents=True, exist_ok=True)
        source = folder / name if (folder / name).exists() else fuzz.ROOT / name
        words = command_for(fault, folder, entry, source, made)
        words[:0] = ["ccache"] if shutil.which("ccache") else []
        subprocess.run(words, cwd=entry["directory"], check=True)
        objects.append(str(made))
    return objects


def linked(build, target, objects, made):
    """A target with these objects in front of its archives, so that theirs are not taken."""
    lines = subprocess.run(["ninja", "-C", str(build), "-t", "commands", f"{target}_fuzzer"], check=True, capture_output=True, text=True).stdout
    words = shlex.split(lines.strip().splitlines()[-1])
    words = [w for w in words if w not in (":", "&&")]
    at = words.index("-o")
    words[at + 1] = str(made)
    first_archive = next(i for i, w in enumerate(words) if w.endswith(".a"))
    words[first_archive:first_archive] = [*objects, "-Wl,--strip-debug"]  # half of the time to link, and nothing here is symbolized
    subprocess.run(words, cwd=build, check=True)


@functools.cache
def functions(file):
    """What an object or a program defines for others."""
    said = subprocess.run(["nm", "--defined-only", "--format=posix", file], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in said.splitlines() if line.split()[1] == "T"}


def has_code_of(build, target, objects):
    """Whether a target's program has anything of these objects; if not, no input of its can tell that they changed."""
    return any(functions(build / "fuzz" / f"{target}_fuzzer") & functions(made) for made in objects)


@functools.cache
def commit():
    """What is measured: the commit, with a plus behind it where the tree has other changes than results."""
    said = subprocess.run(["git", "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*"], cwd=fuzz.ROOT, check=True, capture_output=True, text=True)
    return said.stdout.strip()


def measured(fault, build, commands, with_):
    """The rows of a fault, one for each target that is run against it."""
    folder = build / "faults" / fault["id"]
    patched_copy(fault, folder)
    objects = compiled(fault, folder, commands)
    first = fault["targets"][:1]
    others = [name for name in fuzz.targets() if name not in first]
    named = first + others if with_.all_targets else others if with_.other_targets else first if with_.first_target else fault["targets"]
    rows = []
    for target in named:
        if with_.targets and target not in with_.targets.split(",") or not has_code_of(build, target, objects):
            continue
        binary = folder / f"{target}_fuzzer"
        linked(build, target, objects, binary)
        runs = []
        for seed in range(1, with_.seeds + 1):
            corpus = folder / "corpus"
            shutil.rmtree(corpus, ignore_errors=True)
            corpus.mkdir()
            more = [with_.from_seeds / target] if with_.from_seeds and (with_.from_seeds / target).is_dir() else []
            run = fuzz.Run(binary, target, corpus, folder / "artifacts", seed, with_.seconds, more_corpora=more, extra=[f"-runs={with_.runs}"])
            runs.append({"seed": seed, "executions": run.executions, "seconds": round(run.cpu, 2), "oracle": run.oracle})
            slow = sum(r["seconds"] for r in runs) > 1.5 * with_.seconds
            if seed == 3 and (slow or not any(r["oracle"] for r in runs)):
                break  # seven more would tell little more, and take most of the time of all
        binary.unlink()  # 17 MB each
        rows.append({"fault": fault["id"], "name": fault["name"], "target": target, "commit": commit(), "runs": runs})
    return rows


def told(row):
    hits = [r for r in row["runs"] if r["oracle"]]
    line = f"{row['fault']} {row['name']:32} {row['target']:14} {len(hits)}/{len(row['runs'])}"
    if not hits:
        return line + f" missed in {max(r['executions'] for r in row['runs'])} executions"
    median = int(statistics.median(r["executions"] for r in hits))
    return line + (f" median {median:>8} executions, {max(r['seconds'] for r in hits):6.2f} s  "
                   f"{','.join(sorted({r['oracle'] for r in hits}))}")


def kept(rows, path):
    """Puts rows into a file, in place of those that it has of the same fault and target."""
    path.parent.mkdir(parents=True, exist_ok=True)
    all_rows = {(row["fault"], row["target"]): row for row in (json.loads(path.read_text()) if path.exists() else [])}
    all_rows |= {(row["fault"], row["target"]): row for row in rows}
    lines = [json.dumps(all_rows[key]) for key in sorted(all_rows)]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def shown(rows, fault):
    """The row that stands for a fault, and its runs that saw it: of the target that the patch names first, or else of the best. Nothing if none was run."""
    def merit(row):
        hits = [r["executions"] for r in row["runs"] if r["oracle"]]
        return (row["target"] == fault["targets"][0], len(hits) / len(row["runs"]), -statistics.median(hits) if hits else 0)
    row = max((row for row in rows if row["fault"] == fault["id"]), key=merit, default=None)
    return row and (row, [r for r in row["runs"] if r["oracle"]])


def summary(rows):
    """What is aimed at, in one line."""
    best = {fault["id"]: both for fault in faults() if (both := shown(rows, fault))}
    sure = [row for row, hits in best.values() if len(hits) >= 0.9 * len(row["runs"])]
    medians = [statistics.median(r["executions"] for r in hits) for _, hits in best.values() if hits]
    seconds = sorted(r["seconds"] for _, hits in best.values() for r in hits)
    unsure = sorted(name for name, (row, hits) in best.items() if len(hits) < len(row["runs"]))
    return (f"{len(best)} faults, {len(sure)} found with at least nine of ten seeds"
            + (f"; median of the faults' medians {int(statistics.median(medians))} executions; nine of ten findings within "
               f"{seconds[max(0, len(seconds) * 9 // 10 - 1)]:.1f} s" if medians else "")
            + f"; not always found: {' '.join(unsure) or 'none'}")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("--only", default="")
    parse.add_argument("--targets", default="")
    parse.add_argument("--seeds", type=int, default=3)
    parse.add_argument("--seconds", type=int, default=10, help="of processor time, for each run")
    parse.add_argument("--runs", type=int, default=100000)
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("--json", type=pathlib.Path, help="rows of what is run replace those that it has")
    parse.add_argument("--all-targets", action="store_true")
    parse.add_argument("--first-target", action="store_true")
    parse.add_argument("--other-targets", action="store_true", help="all that have the fault's code but the one that its patch names first")
    parse.add_argument("--from-seeds", type=pathlib.Path)
    with_ = parse.parse_args()
    build = with_.build.resolve()
    commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
    only = set(filter(None, with_.only.split(",")))
    rows, broken = [], False
    with concurrent.futures.ThreadPoolExecutor(with_.jobs) as pool:
        running = {pool.submit(measured, fault, build, commands, with_): fault for fault in faults() if not only or fault["id"] in only}
        for done in concurrent.futures.as_completed(running):
            if isinstance(done.exception(), subprocess.CalledProcessError):  # it is stale: the others are measured all the same
                print(f"{running[done]['id']} {running[done]['name']:32} can't be built: {done.exception()}", flush=True)
                broken = True
                continue
            rows += done.result()
            if with_.json:  # after each, so that a run that is broken off is not lost
                kept(done.result(), with_.json)
            print(*map(told, done.result()), sep="\n", flush=True)
    print(summary(rows))
    survived = {row["fault"] for row in rows} - {row["fault"] for row in rows if all(r["oracle"] for r in row["runs"])}
    return 1 if survived or broken or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
