"""Which values the rows of a table cover together, which of them overlap, and where none holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.feel.dmn.regions import Region

MOST_STEPS: Final = 20_000
"""Sets of rows that are looked at in the search for gaps; then it is given up."""

MOST_BOXES: Final = 2_000
"""Gaps that are looked for, before those that lie side by side are taken together."""

MOST_PAIRS: Final = 200_000
"""Pairs of rows that are compared with each other."""


class _TooBig(Exception):
    """The search was given up."""


class Cover:
    """The rows of a table as boxes in the space of its inputs."""

    def __init__(self, regions: Sequence[Region], rows: int) -> None:
        self.regions = regions
        self.rows = rows
        # For each column and atom the rows that let it through, one bit each: surely, and perhaps.
        self._spent = [0]  # on rows that are covered by others, for all rows together
        self.surely = [self._by_atom(column, maybe=False) for column in regions]
        self.perhaps = [self._by_atom(column, maybe=True) for column in regions]

    def _by_atom(self, column: Region, *, maybe: bool) -> list[int]:
        masks = [0] * len(column.atoms)
        for row, cell in enumerate(column.cells):
            for atom in range(len(column.atoms)):
                if (maybe if cell is None else cell >> atom & 1) and column.domain >> atom & 1:
                    masks[atom] |= 1 << row
        return masks

    def overlaps(self) -> Iterator[tuple[int, int, str]]:
        """Pairs of rows that hold together, with where that is; only those of which it is sure."""
        sure = [
            row for row in range(self.rows) if all(column.cells[row] is not None for column in self.regions)
        ]
        pairs = 0
        for position, one in enumerate(sure):
            for other in sure[position + 1 :]:
                pairs += 1
                if pairs > MOST_PAIRS:
                    return
                if self.meet(one, other):
                    yield (
                        one,
                        other,
                        self._written([self._common(column, one, other) for column in self.regions]),
                    )

    def meet(self, one: int, other: int) -> bool:
        """Whether two rows may hold together."""
        return all(self._common(column, one, other) for column in self.regions)

    def _common(self, column: Region, one: int, other: int) -> int:
        common = column.domain
        for row in (one, other):
            cell = column.cells[row]
            common &= common if cell is None else cell
        return common

    def covered(self, row: int, others: Sequence[int]) -> bool:
        """Whether the other rows surely hold wherever a row may hold."""
        limits = [
            column.domain if column.cells[row] is None else column.cells[row] for column in self.regions
        ]
        active = sum(1 << other for other in others)
        try:
            return self._full(0, active, [limit or 0 for limit in limits], {}, self.surely, self._spent)
        except _TooBig:
            return False

    def _full(
        self,
        column: int,
        active: int,
        limits: Sequence[int],
        known: dict[tuple[int, int], bool],
        by_atom: Sequence[Sequence[int]],
        steps: list[int],
    ) -> bool:
        """Whether the active rows cover everything from a column on."""
        if not active:
            return False
        if column == len(self.regions):
            return True
        key = column, active
        if key not in known:
            steps[0] += 1
            if steps[0] > MOST_STEPS:
                raise _TooBig
            left = {active & rows for atom, rows in enumerate(by_atom[column]) if limits[column] >> atom & 1}
            known[key] = all(self._full(column + 1, some, limits, known, by_atom, steps) for some in left)
        return known[key]

    def gaps(self) -> Iterator[str | None]:
        """Where no row holds; None last where the search was given up.

        Cells that depend on more than their input count as if they let everything through.
        """
        limits = [column.domain for column in self.regions]
        boxes: list[tuple[int, ...]] = []
        complete = True
        try:
            for box in self._gaps(0, (1 << self.rows) - 1, [], limits, {}, [0]):
                boxes.append(box)
                if len(boxes) == MOST_BOXES:
                    break
        except _TooBig:
            complete = False
        for column in range(len(self.regions)):
            boxes = _merged(boxes, column)
        yield from map(self._written, boxes)
        if not complete:
            yield None

    def _gaps(
        self,
        column: int,
        active: int,
        above: list[int],
        limits: Sequence[int],
        known: dict[tuple[int, int], bool],
        steps: list[int],
    ) -> Iterator[tuple[int, ...]]:
        if not active:
            yield (*above, *limits[column:])
            return
        if self._full(column, active, limits, known, self.perhaps, steps):
            return
        # Atoms that the same rows let through belong to the same gaps.
        groups: dict[int, int] = {}
        for atom, rows in enumerate(self.perhaps[column]):
            if limits[column] >> atom & 1:
                groups[active & rows] = groups.get(active & rows, 0) | 1 << atom
        for some, atoms in groups.items():
            yield from self._gaps(column + 1, some, [*above, atoms], limits, known, steps)

    def _written(self, masks: Sequence[int]) -> str:
        """`score > 5, tier = "gold"`."""
        parts = (column.written(mask) for column, mask in zip(self.regions, masks, strict=True))
        return ", ".join(part for part in parts if part) or "anything is given"


def _merged(boxes: Sequence[tuple[int, ...]], column: int) -> list[tuple[int, ...]]:
    """The boxes with those taken together that differ in one column only."""
    found: dict[tuple[int, ...], int] = {}
    for box in boxes:
        others = (*box[:column], *box[column + 1 :])
        found[others] = found.get(others, 0) | box[column]
    return [(*others[:column], mask, *others[column:]) for others, mask in found.items()]
