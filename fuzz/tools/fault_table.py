# Shows the results of run_faults.py as the table of docs/fuzzing.md.
# SPDX-License-Identifier: Apache-2.0
#
#     fault_table.py [RESULTS [FIRST]]      prints; with --write it puts the table into docs/fuzzing.md
import json
import pathlib
import statistics
import sys

import run_faults
import targets as fuzz

RESULTS = fuzz.FUZZ / "faults/results.json"
FIRST = fuzz.FUZZ / "faults/first_run.json"
DOCUMENT = fuzz.ROOT / "docs/fuzzing.md"
BEGIN, END = "<!-- made by fuzz/tools/fault_table.py -->\n", "<!-- end of what is made -->\n"


def of_fault(rows, fault):
    """Of a fault: the row that stands for it, its runs that saw it, and the other targets that see it."""
    stands = run_faults.shown(rows, fault)
    if stands is None:
        return None
    best, hits = stands
    others = [row["target"] for row in rows if row["fault"] == fault["id"] and row is not best and any(r["oracle"] for r in row["runs"])]
    return best, hits, others


def killers(rows):
    """What each target alone sees, of all that have the fault's code."""
    seen_by = {}
    for row in rows:
        if any(r["oracle"] for r in row["runs"]):
            seen_by.setdefault(row["fault"], set()).add(row["target"])
    lines = ["| target | sees | of these, it alone |", "|---|---|---|"]
    for name in fuzz.targets():
        sees = sorted(fault for fault, names in seen_by.items() if name in names)
        alone = [fault for fault in sees if len(seen_by[fault]) == 1]
        lines.append(f"| `{name}` | {len(sees)} | {' '.join(alone) or 'none'} |")
    return "\n".join(lines) + "\n"


def table(results, first):
    lines = ["| fault | what is wrong | seen by | seeds | executions, median | seconds, at most | oracle | also by | first run |", "|---|---|---|---|---|---|---|---|---|"]
    for fault in run_faults.faults():
        now, before = of_fault(results, fault), of_fault(first, fault)
        if now is None:
            continue
        best, hits, others = now
        told = "" if before is None else f"{int(statistics.median(r['executions'] for r in before[1]))}" if before[1] else "missed"
        if hits:
            lines.append(f"| {fault['id']} `{fault['name']}` | {fault['what']} | `{best['target']}` | {len(hits)}/{len(best['runs'])} | "
                         f"{int(statistics.median(r['executions'] for r in hits))} | {max(r['seconds'] for r in hits):.1f} | {', '.join(sorted({r['oracle'] for r in hits}))} | "
                         f"{', '.join(f'`{o}`' for o in others)} | {told} |")
        else:
            lines.append(f"| {fault['id']} `{fault['name']}` | {fault['what']} | nothing | 0/{len(best['runs'])} | | | | | {told} |")
    return "\n".join(lines) + "\n\n" + run_faults.summary(results) + ".\n\n" + origins(results) + "\n" + killers(results)


def origins(results):
    """Which commit's targets the rows are of; those that name none are older."""
    rows = {}
    for fault in run_faults.faults():
        if (now := of_fault(results, fault)) is not None:
            rows.setdefault(now[0].get("commit", ""), []).append(fault["id"])
    return "".join(f"Measured at {f'commit `{commit}`' if commit else 'an earlier commit, and not again'}: {' '.join(ids)}.\n" for commit, ids in sorted(rows.items()))


def read(path):
    return json.loads(path.read_text()) if path.exists() else []


def document_with(made):
    text = DOCUMENT.read_text()
    return text[:text.index(BEGIN) + len(BEGIN)] + "\n" + made + "\n" + text[text.index(END):]


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    made = table(read(pathlib.Path(arguments[0]) if arguments else RESULTS), read(pathlib.Path(arguments[1]) if len(arguments) > 1 else FIRST))
    if "--write" in sys.argv:
        DOCUMENT.write_text(document_with(made))
    else:
        print(made, end="")
