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
from engine.errors import ExpressionError, PercorsoError, StepFailed
from engine.spiff import Token
from engine.spiff.tokens import failed, standing_at
from engine.values import Value, from_json

if TYPE_CHECKING:
    from engine.runtime.case import Run

log = logging.getLogger("percorso.runtime")


class Performer:
    """engine.spiff's Performer for one step of one case."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.zone = run.engine.zone
        self.functions: Mapping[str, Callable[..., Value]] = {
            "due": self._due,
            "now": lambda: run.tx.now.astimezone(self.zone),
            "today": lambda: run.tx.now.astimezone(self.zone).date(),
        }

    def scope(self, token: Token) -> feel.Scope:
        return feel.Scope(token.workflow.data, self.functions)

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
        seen = ChainMap(given, token.workflow.data)
        for name, text in token.element.script:
            given[name] = self.evaluate(token, text, seen)
        token.workflow.data.update(given)

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
        token.workflow.data.update(cast(dict[str, Value], values))
        return None

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
        data = token.workflow.data
        if element.result:
            data[element.result] = outcome.value
        elif isinstance(outcome.value, dict):
            data.update(outcome.value)
        else:
            data[element.decision] = outcome.value
        self._run.record(
            "decision.made",
            token,
            attrs={"decision": element.decision, "rules": list(outcome.rules), "version": model.number},
        )

    def _due(self, name: Value) -> datetime:
        run = self._run
        duration = parameters.duration(run.engine.settings, run.tx, str(name))
        moment = run.tx.now.astimezone(self.zone) + duration
        return cast(datetime, moment)

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
            data if data is not None else (token.workflow.data if token is not None else run.workflow.data)
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
