"""One DMN file while it is read: its names and types, and what was found to be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import ExpressionError
from engine.feel.dmn.elements import Element, child, text_of
from engine.feel.expression import Expression, read_expression
from engine.feel.names import Vocabulary
from engine.feel.types import ANY, Type, builtin_type
from engine.findings import Finding


class Source:
    """Collects findings until everything has been looked at."""

    def __init__(self, root: Element, file: str) -> None:
        self.root = root
        self.file = file
        self.namespace: str = root.get("namespace") or ""
        self.findings: list[Finding] = []
        self.vocabulary = Vocabulary()
        self.types: Mapping[str, Type] = {}

    def refuse(
        self,
        code: str,
        element: Element,
        owner: Element | None,
        template: str,
        remedy: str | None = None,
        **params: object,
    ) -> None:
        """`owner` is the decision or the like that the element belongs to."""
        self.findings.append(
            Finding(
                severity="error",
                code=code,
                template=template,
                element=None if owner is None else owner.get("id") or owner.get("name"),
                name=None if owner is None else owner.get("name"),
                line=element.sourceline,
                file=self.file,
                remedy_template=remedy,
                params=params,
            )
        )

    def type_named(self, name: str | None) -> Type | None:
        """The type that a typeRef names; None where any value goes, also for a type that nobody defines."""
        if not name:
            return None
        plain = name.strip()
        found = self.types.get(plain) or builtin_type(plain)
        if found is None and ":" in plain:
            plain = plain.rsplit(":", 1)[-1]
            found = self.types.get(plain) or builtin_type(plain)
        return None if found is None or found == ANY else found

    def compiled(
        self,
        owner: Element,
        element: Element,
        where: str,
        read: Callable[..., Expression] = read_expression,
        *,
        local: bool = False,
        vocabulary: Vocabulary | None = None,
    ) -> Expression | None:
        """The expression in an element's `text`; None after a finding."""
        language = (element.get("expressionLanguage") or "").lower()
        if language and "feel" not in language and "juel" not in language:
            self.refuse(
                "dmn_language", element, owner, "In {where} the language is {language}, which is not run.",
                "Write it in FEEL.", where=where, language=language,
            )  # fmt: skip
            return None
        text = text_of(child(element, "text"))
        if "juel" in language and text and "{" not in text and read is read_expression:
            text = f"${{{text}}}"
        try:
            return read(text, vocabulary or self.vocabulary, local=local)
        except ExpressionError as error:
            self.refuse(
                "dmn_expression", element, owner, "In {where}: {problem}",
                "{hint}" if error.hint else "Correct it in the table.",
                where=where, problem=error.message, hint=error.hint,
            )  # fmt: skip
            return None
