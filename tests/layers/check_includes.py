# Holds the arrows between the rooms: fails on a forbidden #include, and on a file without its two head lines.
# SPDX-License-Identifier: Apache-2.0
#
#     check_includes.py ROOT      every finding is one line: FILE:LINE: what is wrong; exit 1 if there is any
import pathlib
import re
import sys

# Room -> the rooms (or single headers) of ours that it may include besides itself. The longest name that a file's path begins with is its room.
MAY_INCLUDE = {
    "reference/wire": [],
    "reference/amp": ["reference/wire"],
    "reference/amps": ["reference/wire"],
    "reference/bulk": [],
    "reference/naive": [],
    "reference/behaviour": ["reference/amp", "reference/amps", "reference/bulk", "reference/naive", "reference/wire"],
    "reference/peer": ["reference/behaviour", "reference/amp", "reference/amps", "reference/bulk", "reference/naive",
                       "reference/wire"],
    "conformance/vectors": ["reference/wire/value.hpp"],
    "conformance": ["conformance/vectors", "reference/amp", "reference/amps", "reference/wire"],
    "runner": ["conformance", "conformance/vectors", "reference/amp", "reference/amps", "reference/behaviour",
               "reference/bulk", "reference/naive", "reference/peer", "reference/wire", "fuzz/support/input.hpp",
               "fuzz/support/mutator.hpp"],
    "fuzz": ["reference/amp", "reference/amps", "reference/bulk", "reference/wire", "reference/naive", "reference/peer/naive_values.hpp",
             "reference/peer/adapter_frame.hpp", "conformance/vectors", "conformance/amps_message.hpp", "conformance/annotate.hpp",
             "conformance/ws_stream.hpp"],
    "tests": ["runner", "conformance", "conformance/vectors", "reference/amp", "reference/amps", "reference/behaviour",
              "reference/bulk", "reference/naive", "reference/peer", "reference/wire"],
}
# Tests of a room may look at more of ours.
TESTS_MAY_INCLUDE = {
    "conformance": ["reference/behaviour", "reference/naive", "reference/peer"],
}
# Library -> its headers, and the files that may include them: rooms (with what lies below) or files.
LIBRARIES = {
    "Asio": (r"boost/", ["reference/peer", "runner"]),
    "OpenSSL": (r"openssl/", ["reference/peer", "reference/behaviour/sha256.cpp", "conformance/digest.cpp", "runner"]),
    "nlohmann/json": (r"nlohmann/", ["reference/peer", "runner", "tests", "reference/amps/bench"]),
    "yaml-cpp": (r"yaml-cpp/", ["conformance/vectors"]),
    "our YAML reader": (r"conformance/vectors/yaml_", ["conformance/vectors", "runner/target.cpp", "runner/library.cpp"]),
    "CLI11": (r"CLI/", ["runner/main.cpp"]),
}
TEST_ONLY = r"(?:gtest|gmock)/"
BENCH_ONLY = r"benchmark/"
UMBRELLAS = {"boost/asio.hpp", "boost/beast.hpp", "CLI11.hpp"}
SOURCES = (".cpp", ".hpp", ".c", ".h", ".cc", ".hh")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
WIDTH = 120
LICENCE = "SPDX-License-Identifier: Apache-2.0"


def room_of(path):
    return max((room for room in MAY_INCLUDE if path.startswith(room + "/")), key=len, default=None)


def within(path, places):
    return any(path == place or path.startswith(place + "/") for place in places)


def is_test(path):
    """Test sources, and the headers and sources that stand beside them to help them."""
    name = path.rsplit("/", 1)[-1]
    return path.startswith("tests/") or bool(re.search(r"(_test\.cpp|^test_support\.hpp|^testing\.hpp|^fixture\.hpp|"
                                                       r"^test_folder\.hpp|^no_child_left\.cpp|_sample\.cpp|^sample\.[ch]pp)$", name))


def wrong_include(path, room, quote, header):
    """What is wrong with that include, or nothing."""
    if header in UMBRELLAS:
        return f"<{header}> is an umbrella; include the single headers"
    if re.match(TEST_ONLY, header):
        return None if is_test(path) else "GoogleTest belongs in *_test.cpp and the helpers of tests"
    if re.match(BENCH_ONLY, header):
        return None if "/bench/" in path else "Google Benchmark belongs in bench/"
    for library, (pattern, places) in LIBRARIES.items():
        if re.match(pattern, header) and not within(path, places) and not (is_test(path) and library == "nlohmann/json"):
            return f"{library} belongs in {', '.join(places)}"
    theirs = room_of(header)
    if theirs is None or theirs == room:
        if quote == '"' and theirs is None and "/" not in header:
            return f'"{header}" is no path from the root'
        return None
    allowed = MAY_INCLUDE[room] + (TESTS_MAY_INCLUDE.get(room, []) if is_test(path) else [])
    return None if within(header, allowed) else f"{room} may not include {theirs}"


def check_heads(path, text, mark):
    lines = text.split("\n", 3)
    first = 1 if lines and lines[0].startswith("#!") else 0
    head = lines[first] if len(lines) > first else ""
    if not re.match(rf"{mark} \S", head) or LICENCE in head:
        yield first + 1, "must be a comment that says why the file exists, with nothing else in it"
    if mark == "//" and len(head) > WIDTH:  # clang-format would break it, and join the rest with the licence
        yield first + 1, f"is longer than {WIDTH} columns"
    if len(lines) <= first + 1 or lines[first + 1] != f"{mark} {LICENCE}":
        yield first + 2, f"must be exactly `{mark} {LICENCE}`"


def comment_mark(path):
    """The comment sign of files that need head lines, or nothing."""
    if path.endswith(SOURCES):
        return "//"
    name = path.rsplit("/", 1)[-1]
    if name in ("CMakeLists.txt", "Makefile") or name.endswith((".py", ".cmake", ".sh")):
        return "#"
    return None


def files_of(root):
    skipped = {"build", "out", ".git", "__pycache__"}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not skipped.intersection(parts[:-1]) and not parts[0].startswith("cmake-build"):
            yield "/".join(parts), path


def findings(root):
    root = pathlib.Path(root)
    for path, file in files_of(root):
        mark = comment_mark(path)
        if mark is None:
            continue
        text = file.read_text(encoding="utf-8")
        for line, wrong in check_heads(path, text, mark):
            yield f"{path}:{line}: {wrong}"
        room = room_of(path)
        if room is None or not path.endswith(SOURCES):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if found := INCLUDE.match(line):
                if wrong := wrong_include(path, room, *found.groups()):
                    yield f"{path}:{number}: {wrong}"


if __name__ == "__main__":
    found = list(findings(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
