"""`python -m benchmarks.corpus DIR`: what becomes of each BPMN file in a folder, in figures."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks.corpus import pool, report

SUFFIXES = (".bpmn", ".bpmn2", ".bpmn20.xml")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--json", type=Path, help="write all figures and all files to this file")
    options.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--runs", type=int, default=3, help="random runs of each file that deploys")
    options.add_argument("--every", type=int, default=1, help="look only at every n-th file")
    options.add_argument("--match", default="", help="only files whose path contains this")
    given = options.parse_args()
    files = sorted(path for path in given.folder.rglob("*") if path.name.endswith(SUFFIXES))
    files = [path for path in files if path.is_file() and given.match in str(path)][:: given.every]
    if not files:
        print(f"There is no BPMN file in {given.folder}.", file=sys.stderr)
        return 2
    seen = []
    for one in pool.look_at(given.folder, files, workers=given.workers, seed=given.seed, runs=given.runs):
        seen.append(one)
        if sys.stderr.isatty():
            print(f"\r{len(seen)} of {len(files)}", end="", file=sys.stderr)
    seen.sort(key=lambda one: str(one["file"]))
    figures = report.summary(seen)
    print("\n".join(report.lines(figures, seen)))
    if given.json:
        given.json.write_text(json.dumps({**figures, "each": seen}, indent=1), encoding="utf-8")
    failed = ("tracebacks", "timeouts", "raw_messages", "lost", "unforetold")
    return 1 if any(figures[name] for name in failed) else 0


if __name__ == "__main__":
    sys.exit(main())
