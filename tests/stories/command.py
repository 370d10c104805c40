"""The installed command `percorso` as a real process, and a small drawing to run with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).with_name("percorso"))
BPMN = Path(__file__).resolve().parents[2] / "bpmn"
DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x">
  <bpmn:process id="request" name="Request" isExecutable="true">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="lane" name="{lane}"><bpmn:flowNodeRef>answer</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="asked" />
    <bpmn:exclusiveGateway id="again" />
    <bpmn:userTask id="answer" name="Answer the request" camunda:formRef="answer" />
    <bpmn:exclusiveGateway id="done" default="goes_on" />
    <bpmn:intermediateCatchEvent id="pause" name="Pause">
      <bpmn:timerEventDefinition id="pause_timer"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="answered" />
    <bpmn:sequenceFlow id="f1" sourceRef="asked" targetRef="again" />
    <bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="answer" />
    <bpmn:sequenceFlow id="f3" sourceRef="answer" targetRef="done" />
    <bpmn:sequenceFlow id="goes_on" sourceRef="done" targetRef="again" />
    <bpmn:sequenceFlow id="f4" sourceRef="done" targetRef="answered">
      <bpmn:conditionExpression>=outcome = "yes"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f5" sourceRef="done" targetRef="pause">
      <bpmn:conditionExpression>=outcome = "later"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f6" sourceRef="pause" targetRef="again" />
  </bpmn:process>
</bpmn:definitions>
"""
FORM = {
    "id": "answer",
    "type": "default",
    "components": [
        {
            "id": "answer_1",
            "key": "outcome",
            "label": "Outcome",
            "type": "select",
            "values": [{"label": one.title(), "value": one} for one in ("yes", "later", "again")],
            "validate": {"required": True},
        }
    ],
}


@dataclass(frozen=True)
class Percorso:
    """The installed command, on a database, in an empty working folder."""

    database: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PERCORSO_DATABASE": self.database, "NO_COLOR": "1"}

    def run(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; a traceback is never right."""
        done = subprocess.run(
            [COMMAND, *words],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    def json(self, *words: str) -> Any:
        """What a command answers with --json; it must be done."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def pipe(self) -> Iterator[Callable[..., Any]]:
        """A `pipe`; gives a function that sends one command and returns its answer."""
        process = self.begin("pipe")
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def call(*words: Any) -> Any:
            stdin.write(json.dumps(words) + "\n")
            stdin.flush()
            answer = stdout.readline()
            assert answer, process.communicate()[1]
            return json.loads(answer)

        yield call
        stdin.close()
        assert process.wait(timeout=60) == 0

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that goes on until it is stopped."""
        return subprocess.Popen(
            [COMMAND, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def at_work(database: str, tmp_path: Path) -> Percorso:
    """The command on a database, in a working folder of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Percorso(database, folder)


def on_a_file(template: Path, tmp_path: Path) -> Percorso:
    """The same on a prepared SQLite file in that folder."""
    made = at_work("sqlite:///percorso.db", tmp_path)
    (made.folder / "percorso.db").write_bytes(template.read_bytes())
    return made


def draw(folder: Path, lane: str = "Sales") -> str:
    """A small drawing with its form; returns its path."""
    (folder / "request.bpmn").write_text(DRAWING.replace("{lane}", lane), encoding="utf-8")
    (folder / "answer.form").write_text(json.dumps(FORM), encoding="utf-8")
    return "request.bpmn"


def stop(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Send a signal and wait; returns the exit code and what was said on standard error."""
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    return process.returncode, said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
