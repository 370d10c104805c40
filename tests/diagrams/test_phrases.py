"""Words inside the sentence of a finding are translated with it."""

from __future__ import annotations

import copy

import pytest

from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import Phrase


def test_a_phrase_reads_as_english_and_keeps_what_it_is_made_of() -> None:
    phrase = Phrase("after {name}", name="{x}")
    assert phrase == "after {x}"
    copied = copy.deepcopy(phrase)
    assert copied == phrase
    assert (copied.template, copied.params) == (phrase.template, phrase.params)


@pytest.mark.parametrize(
    "text", ["x >", "(x", "x ! 1", "“a”", '"a', "for x", "1 < 2 < 3", "{a: 1, a: 2}", "${x", "", "due(x"]
)
def test_what_is_wrong_with_an_expression_is_a_phrase(text: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text)
    assert isinstance(refusal.value.problem, Phrase)
