#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Validates JSON Lines reports against share/rdpwhy-1.schema.json, and their order.

For other tests: complaints(text) gives what is wrong with a whole report, as a list of lines.
On its own: jsoncheck.py FILE... ; exit code 1 when something is wrong.
"""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "share",
                      "rdpwhy-1.schema.json")


def load_schema():
    with open(SCHEMA, encoding="utf-8") as file:
        return json.load(file)


def validator_of(schema, record):
    """A validator of one kind of record: its messages name the member, where oneOf's do not."""
    one = {"$schema": schema["$schema"], "$ref": "#/$defs/" + record, "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(one)


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a member appears twice: %s" % names)
    return dict(pairs)


def record_complaints(schema, record):
    kind = record.get("record")
    if kind not in ("run", "attempt", "host", "end"):
        return ["unknown record %r" % kind]
    return mstsc_complaints(record) + [
        "%s: %s" % ("/".join(str(p) for p in error.path) or "(record)", error.message)
        for error in validator_of(schema, kind).iter_errors(record)]


def mstsc_complaints(record):
    """An attempt says what mstsc shows where it neither completed nor was stopped, and only there."""
    shown = record.get("outcome") not in ("completed", "stopped")
    if record.get("record") != "attempt" or shown == ("mstsc" in record):
        return []
    return ["mstsc is %s" % ("missing" if shown else "there")]


def order_complaints(records):
    kinds = [record.get("record") for record in records]
    wrong = []
    if not kinds or kinds[0] != "run":
        wrong.append("the first record is not run")
    if kinds.count("run") != 1 or kinds.count("end") > 1:
        wrong.append("run and end appear once")
    if "end" in kinds and kinds[-1] != "end":
        wrong.append("something follows end")
    for host in (r for r in records if r.get("record") == "host"):
        before = records[:records.index(host)]
        attempts = [r for r in before
                    if r.get("record") == "attempt" and r["target"] == host["target"]]
        if len(attempts) != host["attempts"]:
            wrong.append("%s: %d attempts before the host record, which says %d" %
                         (host["target"], len(attempts), host["attempts"]))
        if [a["ordinal"] for a in attempts] != list(range(1, len(attempts) + 1)):
            wrong.append("%s: attempts are not in plan order" % host["target"])
    return wrong


def complaints(text):
    schema = load_schema()
    wrong, records = [], []
    if text and not text.endswith("\n"):
        wrong.append("the last line is not whole")
    for number, line in enumerate(text.splitlines(), 1):
        try:
            record = json.loads(line, object_pairs_hook=no_duplicates)
        except ValueError as error:
            wrong.append("line %d: %s" % (number, error))
            continue
        records.append(record)
        wrong += ["line %d: %s" % (number, what) for what in record_complaints(schema, record)]
    return wrong if wrong else order_complaints(records)


def main():
    if jsonschema is None:
        sys.exit("jsoncheck.py needs python3-jsonschema")
    failed = False
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8", newline="\n") as file:
            for what in complaints(file.read()):
                print("%s: %s" % (name, what))
                failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
