"""What a form says to the person who fills it in, one sentence for each kind of mistake."""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "required": "Please fill this in.",
    "unticked": "Please tick this.",
    "unknown": "There is no such field.",
    "text": "Write a text.",
    "number": "Give a number, with a point before the decimals.",
    "large": "This number is too large.",
    "whole": "Give a whole number.",
    "decimals": "At most {limit} decimals.",
    "minimum": "At least {limit}.",
    "maximum": "At most {limit}.",
    "step": "Give a multiple of {limit}.",
    "minLength": "At least {limit} characters.",
    "maxLength": "At most {limit} characters.",
    "bytes": "This text is longer than 64 kB.",
    "characters": "This text holds characters that cannot be stored.",
    "pattern": "This does not have the form that is asked for.",
    "email": "Give an e-mail address, such as name@example.org.",
    "phone": "Give a phone number with its country, such as +39 02 1234567.",
    "boolean": "Answer yes or no.",
    "choice": "Choose one of the given values.",
    "choices": "Choose from the given values, each once.",
    "date": "Give a date, such as 2026-07-01.",
    "time": "Give a time, such as 09:30.",
    "datetime": "Give a date and time with its zone, such as 2026-07-01T09:30+02:00.",
}
"""Kind of mistake -> English template; translated by the door, filled in afterwards."""


class FieldProblem(str):
    """The message of one field: itself the English sentence, filled in, so that it is text anywhere.

    A door translates `template` first and fills in `params` afterwards:
    `gettext(problem.template).format(**problem.params)`. `template` is one of MESSAGES, or, with the code
    `own`, the words of the form's author, which no catalogue knows and which take no parameters.
    """

    code: str
    template: str
    params: Mapping[str, object]

    def __new__(cls, code: str, **params: object) -> FieldProblem:
        return cls._made(code, MESSAGES[code], MESSAGES[code].format(**params), params)

    @classmethod
    def own(cls, words: str) -> FieldProblem:
        """The author's own message; its braces are escaped, so that formatting gives it back as it is."""
        return cls._made("own", words.replace("{", "{{").replace("}", "}}"), words, {})

    @classmethod
    def _made(cls, code: str, template: str, text: str, params: Mapping[str, object]) -> FieldProblem:
        problem = str.__new__(cls, text)
        problem.code, problem.template, problem.params = code, template, params
        return problem
