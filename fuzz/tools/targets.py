# What the scripts of fuzz/ share: the table of the targets, the options of a run, and what a run said.
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

FUZZ = pathlib.Path(__file__).resolve().parents[1]
ROOT = FUZZ.parent
# Octets of inputs in ordinary runs; amp_large has a language of its own for what is longer.
SMALL = 4096
LONGER = {"amps_feed": 16384}  # frames in pieces begin above 4 KiB
# Most of an execution is allocations. The quarantine is as large as what most inputs free, and fits a processor's cache (OSS-Fuzz has 10 MB: a fifth
# slower); two frames are what the leak sanitizer needs to believe in a leak. Who wants the whole stack plays the artifact alone.
ASAN = "detect_leaks=1:allocator_may_return_null=1:symbolize=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=512:malloc_context_size=2:max_malloc_fill_size=0"
ROW = re.compile(r'^AMPSPEC_FUZZ_(FILE_)?TARGET\((\w+), (\w+), (\d+), "([^"]+)"\)', re.M)


def targets(files=True):
    """Name -> (shape, longest input, sentence), in the order of the table. Without `files`: those that need nothing but a compiler."""
    text = (FUZZ / "targets/targets.def").read_text()
    return {name: (shape, int(most), sentence) for file, name, shape, most, sentence in ROW.findall(text) if files or not file}


def options(name):
    """Engine options of a target: those that its .options file has too. Where the mutator is our own it decides how long an input is; the engine would
    let inputs grow so slowly that none of many pairs is tried."""
    shape, most, _ = targets()[name]
    dictionary = "amps" if name.startswith("amps_") else name if name in ("adapter_stream", "vector_file") else "amp"
    made = {"max_len": min(most, LONGER.get(name, SMALL)), "len_control": 100 if shape == "octets" else 0, "timeout": 5, "rss_limit_mb": 512,
            "dict": FUZZ / f"dictionaries/{dictionary}.dict"}
    # The engine's weights of rare features take up to three fifths of the time of a target that has very many: without them it reaches more in the same time.
    return made | ({"entropic": 0} if name == "amps_session" else {})


class Run:
    """One run of a libFuzzer binary, and what it said: executions, seconds, and the oracle that fired, if any.

    `seconds` are of its own processor time, so that a busy machine neither shortens a run nor makes it look slow."""

    def __init__(self, binary, name, corpus, artifacts, seed, seconds, extra=(), more_corpora=()):
        artifacts.mkdir(parents=True, exist_ok=True)
        flags = [f"-{key}={value}" for key, value in options(name).items()]
        command = [str(binary), *flags, f"-seed={seed}", "-print_final_stats=1",
                   "-verbosity=1", f"-artifact_prefix={artifacts}/", *extra, str(corpus), *map(str, more_corpora)]
        env = dict(os.environ, ASAN_OPTIONS=ASAN, UBSAN_OPTIONS="print_stacktrace=0")
        begin = time.monotonic()
        # Its own processor time is wanted, so it is waited for by hand; what it says goes to a file, which never blocks.
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stderr=said, stdout=subprocess.DEVNULL, env=env)
            ended, status, used = 0, 0, None
            killed = False
            asked = None
            while not ended:
                now = time.monotonic()
                if asked is None and processor_seconds(process.pid) >= seconds:
                    process.send_signal(signal.SIGUSR1)  # the engine's "end, and tell"
                    asked = now
                if not killed and (asked is not None and now - asked > 60 or now - begin > 30 * seconds + 120):
                    process.kill()
                    killed = True
                time.sleep(0.05)
                ended, status, used = os.wait4(process.pid, os.WNOHANG)
            process.returncode = self.status = os.waitstatus_to_exitcode(status)
            said.seek(0)
            self.text = said.read().decode("utf-8", "replace")
        self.seconds = time.monotonic() - begin
        self.cpu = used.ru_utime + used.ru_stime
        self.oracle = None if self.status == 0 else "hang" if killed else oracle_of(self.text)
        self.executions = self.number("number_of_executed_units")
        self.peak_mb = self.number("peak_rss_mb")
        self.slowest = self.number("slowest_unit_time_sec")

    def number(self, what):
        found = re.search(rf"stat::{what}:\s+(\d+)", self.text)
        return int(found.group(1)) if found else 0


def judged(names, jobs, one):
    """Exit code of a run of targets, as many at once as `jobs`; `one` gives of a name what is wrong (empty if nothing) and a line about it."""
    failed = False
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for wrong, line in pool.map(one, names):
            print(("FAIL " if wrong else "ok   ") + line, *wrong, sep="\n       ", flush=True)
            failed = failed or bool(wrong)
    return 1 if failed or not names else 0


def processor_seconds(pid):
    """What a process that was not waited for yet has used so far."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def oracle_of(text):
    """The oracle that ended a run, by its name in the fault matrix."""
    for pattern, name in ((r"^ampspec-oracle: ([\w-]+):", None),
                          (r"ERROR: LeakSanitizer", "leak"),
                          (r"ERROR: AddressSanitizer: ([\w-]+)", None),
                          (r"ERROR: libFuzzer: timeout", "timeout"),
                          (r"ERROR: libFuzzer: out-of-memory", "out-of-memory"),
                          (r"runtime error:", "undefined"),
                          (r"Assertion `", "assertion"),
                          (r"ERROR: libFuzzer: deadly signal", "signal")):
        found = re.search(pattern, text, re.M)
        if found:
            return name or found.group(1)
    return "unknown"
