"""Does what a drawing asks for: conditions, services, decisions, scripts."""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.orm import Session

from engine import feel, parameters
from engine.catalog import BpmnError, TryAgain
from engine.diagrams import is_computed
from engine.errors import ExpressionError, PercorsoError, StepFailed
from engine.runtime.matching import may_be_for
from engine.spiff import Scope, Token
from engine.spiff.tokens import failed, standing_at
from engine.store import MESSAGES_BEFORE
from engine.values import Value, from_json

if TYPE_CHECKING:
    from engine.db import Transaction
    from engine.runtime.case import Run
    from engine.runtime.engine import Engine


def clock_functions(engine: Engine, tx: Transaction) -> Mapping[str, Callable[..., Value]]:
    """What expressions may call beside FEEL's own functions: `due("name")`, `now()`, `today()`."""
    zone = engine.zone

    def due(name: Value) -> datetime:
        moment = tx.now.astimezone(zone) + parameters.duration(engine.settings, tx, str(name))
        return cast(datetime, moment)

    return {
        "due": due,
        "now": lambda: tx.now.astimezone(zone),
        "today": lambda: tx.now.astimezone(zone).date(),
    }


log = logging.getLogger("percorso.runtime")


class Performer:
    """engine.spiff's Performer for one step of one case."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.zone = run.engine.zone
        self.functions = clock_functions(run.engine, run.tx)

    def scope(self, token: Token) -> feel.Scope:
        return feel.Scope(token.variables, self.functions)

    def is_true(self, token: Token, text: str) -> bool:
        try:
            return feel.compile_expression(text).is_true(self.scope(token))
        except PercorsoError as error:
            raise self._failed(token, error) from error

    def evaluate(self, token: Token, text: str, variables: Mapping[str, Value] | None = None) -> Value:
        scope = self.scope(token) if variables is None else feel.Scope(variables, self.functions)
        try:
            return feel.compile_expression(text).evaluate(scope)
        except PercorsoError as error:
            raise self._failed(token, error) from error

    def assign(self, token: Token) -> None:
        # All of the assignments or none; each one sees those before it.
        given: dict[str, Value] = {}
        seen = ChainMap(given, token.variables)
        for name, text in token.element.script:
            given[name] = self.evaluate(token, text, seen)
        token.give(given)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A step that can fail alone: what it wrote and what it was going to send is undone with it."""
        run = self._run
        kept = [(lines, len(lines)) for lines in (run.events, run.outgoing, run.mails)]
        try:
            with run.tx.savepoint(session_only=True):
                yield
        except StepFailed:
            for lines, length in kept:
                del lines[length:]
            raise

    def service(self, token: Token) -> tuple[str, str] | None:
        name = token.element.service
        model = token.task_spec.specs.model
        function = self._run.engine.catalog.service(model.process, name)
        if function is None:
            raise failed(
                token,
                "there is no service “{service}”",
                "Write it, or name another one.",
                kind="service_unknown",
                service=name,
            )
        step = StepContext(self._run, token)
        try:
            result = function(step)
            self._run.tx.flush()
            values = from_json(dict(result or {}), where=name)
        except BpmnError as error:
            self._run.tx.flush()
            return error.code, error.message
        except StepFailed:
            raise
        except TryAgain as error:
            raise failed(
                token,
                "the service “{service}” asks for a later try: {why}",
                kind="service_later",
                again=True,
                service=name,
                why=error.reason,
            ) from error
        except PercorsoError as error:
            raise self._failed(token, error) from error
        except Exception as error:
            # Whatever a service stumbles over, the case stays where it was and says so.
            log.warning("case %s: the service %s has failed", self._run.case_no, name, exc_info=error)
            raise failed(
                token,
                "the service “{service}” stopped with {error}",
                kind="service",
                again=True,
                service=name,
                error=type(error).__name__,
            ) from error
        token.give(cast(dict[str, Value], values))
        return None

    def call(self, token: Token) -> str:
        """The called process and its version; the name is the process's id, unless a rule chooses one.

        The newest version is the one that was the newest when the case called the process first.
        """
        engine, calls = self._run.engine, self._run.kept.calls
        process = self._called(token)
        self._refuse_circle(token, process)
        rule, wanted = token.element.binding
        if rule == "latest" and process in calls:
            return process
        caller = token.task_spec.specs.model
        try:
            if rule == "latest":
                name, model = process, engine.latest(self._run.tx, process)
            else:
                chosen = self._version_number(token, wanted) if rule == "version" else None
                tag = wanted if rule == "versionTag" else None
                model = engine.chosen(self._run.tx, process, caller.created_at, number=chosen, tag=tag)
                name = f"{process} {model.number}"
        except PercorsoError as error:
            raise self._failed(token, error) from error
        calls[name] = model.version_id
        return name

    def _called(self, token: Token) -> str:
        text: str = token.element.called
        if not is_computed(text):
            return text
        process = self.evaluate(token, text)
        if not isinstance(process, str) or not process:
            raise failed(
                token,
                "“{text}” gives no process to call",
                "Set the variables that it asks for to the id of a process.",
                kind="call",
                text=text,
            )
        return process

    def _version_number(self, token: Token, text: str) -> int:
        value = self.evaluate(token, text)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value % 1:
            raise failed(token, "“{text}”, the version to call, is no whole number", kind="call", text=text)
        return int(value)

    def _refuse_circle(self, token: Token, process: str) -> None:
        scope = token.workflow
        while True:
            if scope.spec.start.specs.model.process == process:
                raise failed(
                    token,
                    "it would call the process “{process}” from within itself",
                    "Send a message that starts the process instead of calling it, or draw a loop.",
                    kind="call",
                    process=process,
                )
            if not isinstance(scope, Scope):
                return
            scope = scope.parent_scope

    def decide(self, token: Token) -> None:
        element = token.element
        model = token.task_spec.specs.model
        decision = model.decisions.get(element.decision)
        if decision is None:
            raise failed(
                token, "there is no decision “{decision}”", kind="decision_unknown", decision=element.decision
            )
        try:
            outcome = decision.evaluate(self.scope(token))
        except PercorsoError as error:
            raise self._failed(token, error) from error
        if element.result:
            token.give({element.result: outcome.value})
        else:
            value = outcome.value
            token.give(value if isinstance(value, dict) else {element.decision: value})
        self._run.record(
            "decision.made",
            token,
            attrs={"decision": element.decision, "rules": list(outcome.rules), "version": model.number},
        )

    def is_preceded(self, token: Token, due: datetime) -> bool:
        run = self._run
        for name in sorted(run.model.hears | token.task_spec.specs.model.hears):
            for _, _, keys, attached_to in MESSAGES_BEFORE.rows(run.tx, message=name, due=due):
                if attached_to == run.case_id if attached_to else may_be_for(run, keys):
                    return True
        return False

    def _failed(self, token: Token, error: PercorsoError) -> StepFailed:
        """A refusal in words, of an expression or a service, as the failure of the step."""
        if isinstance(error, StepFailed):
            return error
        place, name = standing_at(token)
        kind = "expression" if isinstance(error, ExpressionError) else "refused"
        return StepFailed(
            place, name, error.template, remedy=error.remedy_template, kind=kind, details=error.params
        )


class StepContext:
    """engine.catalog's Step: what a service sees of its case."""

    def __init__(self, run: Run, token: Token | None, data: dict[str, Any] | None = None) -> None:
        self._run = run
        self._token = token
        model = token.task_spec.specs.model if token is not None else run.model
        self.case_id = run.case_id
        self.case_no = run.case_no
        self.process: str = model.process
        self.element: str = token.element.id if token is not None else ""
        self.data: Mapping[str, Value] = (
            data if data is not None else (token.variables if token is not None else run.workflow.data)
        )
        self.now = run.tx.now
        self.actor_id = run.actor_id
        self.counts = run.counts

    @property
    def session(self) -> Session:
        return self._run.tx.session

    def record(
        self,
        event: str,
        *,
        occurred_at: datetime | None = None,
        amount: object = None,
        currency: str | None = None,
        **attrs: Value,
    ) -> None:
        if amount is not None and not isinstance(amount, Decimal):
            amount = Decimal(str(amount))
        if amount is not None and currency is None:
            currency = self._run.engine.settings.currency
        self._run.record(
            event,
            self._token,
            occurred_at=occurred_at,
            amount=amount,
            currency=currency,
            attrs=attrs,
            internal=False,
        )

    def send(self, message: str, payload: Mapping[str, Value] | None = None) -> None:
        self._run.outgoing.append((message, self._token, dict(payload or {})))

    def parameter(self, key: str) -> str:
        return parameters.text(self._run.engine.settings, self._run.tx, key)

    def mail(self, template: str, recipient: tuple[str, int], **params: Value) -> None:
        self._run.mails.append((template, recipient, params))
