"""Where chance comes from: numbers of a seed, of Hypothesis, or the same ones again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Choices:
    """A row of small decisions; `taken` keeps them, so that they can be made again."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def below(self, bound: int) -> int:
        """A number from 0 up to, but not, `bound`; 0 is what a drawing gets simpler by."""
        number = self._below(bound) if bound > 1 else 0
        self.taken.append(number)
        return number

    def _below(self, bound: int) -> int:
        raise NotImplementedError

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them; the first is the simplest."""
        return items[self.below(len(items))]

    def often(self, percent: int) -> bool:
        """True so many times in a hundred."""
        return self.below(100) >= 100 - percent

    def weighted(self, items: Sequence[tuple[Item, int]]) -> Item:
        """One of them, each as often as its weight says."""
        number = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            number -= weight
            if number < 0:
                return item
        raise AssertionError("the weights were counted wrong")


class Seeded(Choices):
    """Those of a seed: the same seed makes the same decisions."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._random = random.Random(seed)

    def _below(self, bound: int) -> int:
        return self._random.randrange(bound)


class Drawn(Choices):
    """Those that somebody else makes, such as Hypothesis."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        super().__init__()
        self._draw = draw

    def _below(self, bound: int) -> int:
        return self._draw(bound)


class Replayed(Choices):
    """A kept row again; beyond its end everything is the simplest."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__()
        self._numbers = numbers

    def _below(self, bound: int) -> int:
        place = len(self.taken)
        return min(self._numbers[place], bound - 1) if place < len(self._numbers) else 0


def shortened(
    numbers: Sequence[int], fails: Callable[[Sequence[int]], bool], tries: int = 1_500
) -> list[int]:
    """A shorter and simpler row of decisions that still fails."""
    best, left = list(numbers), tries

    def better(candidate: list[int]) -> bool:
        nonlocal best, left
        if left <= 0 or candidate == best:
            return False
        left -= 1
        if not fails(candidate):
            return False
        best = candidate
        return True

    size = max(1, len(best) // 2)
    while size and left > 0:
        place = len(best) - size
        while place >= 0 and left > 0:
            cut = best[:place] + best[place + size :]
            plain = best[:place] + [0] * size + best[place + size :]
            if not better(cut):
                better(plain)
            place -= size
        size //= 2
    for place in range(len(best)):
        for number in (0, 1, best[place] // 2 if place < len(best) else 0):
            if place < len(best) and number < best[place]:
                better([*best[:place], number, *best[place + 1 :]])
    return best
