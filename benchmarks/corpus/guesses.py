"""What a drawing's variables may hold, guessed from its expressions: somebody has to set them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from engine import feel
from engine.errors import ExpressionError
from engine.runtime import Model

_LITERAL = r"""("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true|false)"""
_COMPARED = re.compile(rf"([^\W\d]\w*)\s*(==|!=|<=|>=|=|<|>)\s*{_LITERAL}")
DURATION = "PT1H"


class Guesses:
    """For each variable that the expressions ask for, some values that make a difference to them."""

    def __init__(self, model: Model) -> None:
        self._values: dict[str, list[Any]] = {}
        elements = model.elements.values()
        conditions = [flow.condition for flow in model.drawing.flows.values() if flow.condition]
        conditions += [one.condition for one in elements if one.condition]
        loops = [one.loop for one in elements if one.loop is not None]
        conditions += [text for loop in loops for text in (loop.until, loop.condition) if text]
        for text in conditions:
            for name, _, literal in _COMPARED.findall(text):
                self._values.setdefault(name, []).extend(_around(literal))
        self._guess(conditions, [True, False])
        self._guess([loop.collection for loop in loops], [[1, 2]])
        self._guess([number for loop in loops for number in (loop.cardinality, loop.maximum)], [2])
        self._guess([one.timer[1] if one.timer else one.due for one in elements], [DURATION])
        self._guess(model.names_used, [1, "x"])

    def some(self, random: Random, known: Mapping[str, Any]) -> dict[str, Any]:
        """Values for what nobody has set yet, and now and then others for what somebody has."""
        return {
            name: random.choice(values)
            for name, values in self._values.items()
            if known.get(name) is None or random.random() < 0.5
        }

    def _guess(self, texts: Iterable[str | None], values: list[Any]) -> None:
        for text in texts:
            for name in _names(text) if text else ():
                self._values.setdefault(name, values)


def _names(text: str) -> Iterable[str]:
    try:
        return feel.compile_expression(text).names
    except ExpressionError:
        return ()


def _around(literal: str) -> list[Any]:
    """The value that is compared with, and another one."""
    if literal in ("true", "false"):
        return [True, False]
    if literal[0] in "\"'":
        return [literal[1:-1]]
    number = float(literal)
    return [int(number), int(number) + 1, int(number) - 1]
