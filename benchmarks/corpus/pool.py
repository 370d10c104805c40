"""Worker processes with limits: whatever a file does to one of them, the next file finds a fresh one."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from benchmarks.corpus.look import look

SECONDS = 10.0
BYTES = 512 * 1024 * 1024
FILES = 200
"""After so many files a worker makes room for a new one, for memory that libraries keep is not the file's."""

_CONTEXT = multiprocessing.get_context("spawn")


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    name: str | None = None
    since: float = 0.0
    done: int = 0

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def look_at(
    root: Path, files: Sequence[Path], *, workers: int, seed: int, runs: int, seconds: float = SECONDS
) -> Iterator[dict[str, Any]]:
    """What is seen of each file, in the order in which they get done.

    A file gets `seconds` for its check and as many for deploying and running it.
    """
    pending = deque(files)
    busy: list[_Worker] = []
    try:
        while pending or any(worker.name for worker in busy):
            while pending and len(busy) < workers:
                busy.append(_begin())
            for worker in busy:
                if worker.name is None and pending:
                    path = pending.popleft()
                    worker.name, worker.since = str(path.relative_to(root)), time.monotonic()
                    worker.pipe.send((path, worker.name, seed, runs))
            ready = wait([worker.pipe for worker in busy if worker.name], timeout=0.2)
            for worker in list(busy):
                if worker.name is None:
                    continue
                if worker.pipe in ready:
                    yield _answer(worker)
                elif time.monotonic() - worker.since > 2 * seconds:
                    yield {"file": worker.name, "outcome": "timed_out"}
                    worker.done = FILES
                else:
                    continue
                worker.name = None
                worker.done += 1
                if worker.done >= FILES:
                    worker.end()
                    busy.remove(worker)
    finally:
        for worker in busy:
            worker.end()


def _answer(worker: _Worker) -> dict[str, Any]:
    try:
        seen: dict[str, Any] = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        worker.done = FILES
        return {"file": worker.name, "outcome": "died", "traceback": f"exit code {worker.process.exitcode}"}
    return seen


def _begin() -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    while True:
        try:
            path, name, seed, runs = pipe.recv()
        except EOFError:
            return
        pipe.send(look(path, name, seed, runs))
