#!/usr/bin/env python3
# Holds the vector files and catalogues against the schemas that editors use.
# SPDX-License-Identifier: Apache-2.0
"""Usage: check.py [FILE...]   without files: everything below the folder of the vectors. Exit status 1 if a file does not fit."""
import json
import pathlib
import sys

import jsonschema
import yaml

SCHEMAS = pathlib.Path(__file__).resolve().parent
VECTORS = SCHEMAS.parent


def schema_of(file: pathlib.Path) -> str:
    if file.parent.name == "requirements":
        return "requirements"
    return file.stem if file.stem in ("features", "choices", "faults") and file.parent == VECTORS else "vectors"


def deepest(error):
    """The cause that got furthest into the file: the branch of an anyOf that was meant."""
    while error.context:
        error = max(error.context, key=lambda e: (len(e.absolute_path), -len(e.context or ())))
    return error


def main() -> int:
    files = [pathlib.Path(name).resolve() for name in sys.argv[1:]] or sorted(VECTORS.rglob("*.yaml"))
    validators = {}
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[path.name.split(".")[0]] = jsonschema.Draft202012Validator(schema)
    wrong = 0
    for file in files:
        with file.open(encoding="utf-8") as stream:
            content = yaml.load(stream, Loader=yaml.BaseLoader)  # BaseLoader: every scalar stays text
        for error in validators[schema_of(file)].iter_errors(content):
            cause = deepest(error)
            place = "/".join(str(step) for step in cause.absolute_path)
            print(f"{file}: {place}: {cause.message[:300]}")
            wrong += 1
    print(f"{len(files)} files, {wrong} errors")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
