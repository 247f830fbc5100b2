"""What stands around the codes of a label: senders, recipients, routing, data titles, facts, signs, fine print."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from synthgen.printing import icons
from synthgen.printing.canvas import Area, Paper
from synthgen.printing.texel_grid import Grid
from synthgen.world import fake_names

_EDGE_M = 0.002
_SMALLEST_M = (0.006, 0.0028)


@dataclass(frozen=True)
class Free:
    """The areas of a label that no code covers."""

    bands: tuple[Area, ...]
    """Over the whole width, from the top down."""
    sides: tuple[Area, ...]
    """Beside codes."""

    @property
    def largest(self) -> tuple[Area, ...]:
        """Return all areas, the largest first."""
        return tuple(sorted((*self.bands, *self.sides), key=lambda a: -a.width * a.height))


def free(paper: Paper, layout: Grid) -> Free:
    """Return where a template may print."""
    width, height = paper.size_m
    edge = min(_EDGE_M, 0.05 * min(width, height))
    zones = [Area(*(edge_px * paper.pitch_m for edge_px in placed.zone)) for placed in layout.placed]
    bands, sides, y = [], [], edge
    for row in _rows(zones):
        top, bottom = min(z.top for z in row), max(z.bottom for z in row)
        bands.append(Area(edge, y, width - edge, top))
        x = edge
        for zone in sorted(row, key=lambda z: z.left):
            sides.append(Area(x, top, zone.left, bottom))
            x = zone.right
        sides.append(Area(x, top, width - edge, bottom))
        y = bottom
    bands.append(Area(edge, y, width - edge, height - edge))
    return Free(tuple(filter(_usable, bands)), tuple(filter(_usable, sides)))


def sender(paper: Paper, area: Area, rng: Generator) -> None:
    """Print a logo with a small address."""
    mark, lines = area.columns(1, 2.6)
    icons.logo(paper, mark.inset(0.001), rng)
    name = fake_names.company(rng)
    paper.lines(lines.inset(0.001), ["FROM:", *fake_names.address(rng, name)], cap_m=0.0025)


def recipient(paper: Paper, area: Area, rng: Generator) -> None:
    """Print a large address."""
    head, body = area.inset(0.0012).rows(1, 5)
    paper.text(head, "SHIP TO:", cap_m=0.0022)
    name = fake_names.person(rng) if rng.random() < 0.5 else fake_names.company(rng)
    lines = list(fake_names.address(rng, name.upper()))
    paper.lines(body, lines, cap_m=0.0052, bold_first=rng.random() < 0.5)


def routing(paper: Paper, area: Area, rng: Generator) -> None:
    """Print a routing code: white on black or framed, as depots read it from afar."""
    town = fake_names.digits(rng, 3)
    code = f"{''.join(chr(65 + int(i)) for i in rng.integers(0, 26, 2))} {town}-{fake_names.digits(rng, 2)}"
    inverse = rng.random() < 0.35
    box = area.inset(0.0006)
    paper.box(box, 0, 0.0 if inverse else 0.0006)
    paper.text(box.inset(0.0015), code, "m", tone=255 if inverse else 0, cap_m=0.014, bold=True)


def service(paper: Paper, area: Area, rng: Generator) -> None:
    """Print the carrier with its service, separated by a rule."""
    left, right = area.inset(0.001).columns(1.3, 1)
    paper.text(left, fake_names.carrier(rng), cap_m=0.0055, bold=True)
    paper.text(right, fake_names.service(rng), "r", cap_m=0.004)


def facts(paper: Paper, area: Area, rng: Generator, across: int = 3) -> None:
    """Print fields with their contents in a ruled grid."""
    known = fake_names.facts(rng)
    across = max(min(across, int(area.width / 0.018)), 1)
    down = max(min(int(area.height / 0.0085), 3), 1)
    for row_number, row in enumerate(area.rows(*[1] * down)):
        for column_number, cell in enumerate(row.columns(*[1] * across)):
            title, value = known[(row_number * across + column_number) % len(known)]
            _fact(paper, cell.inset(0.0008), title, value)
            if column_number:
                paper.line([(cell.left, cell.top), (cell.left, cell.bottom)], 0.0002)
        if row_number:
            paper.line([(row.left, row.top), (row.right, row.top)], 0.0002)


def titles(paper: Paper, area: Area, pairs: list[tuple[str, str]], across: int = 1) -> None:
    """Print GS1 data titles with their data below, large enough to be read from a fork lift."""
    down = -(-len(pairs) // across)
    cells = [cell for row in area.rows(*[1] * down) for cell in row.columns(*[1] * across)]
    for cell, (title, value) in zip(cells, pairs, strict=False):
        _fact(paper, cell.inset(0.0008), title, value, cap_m=0.007)


def signs(paper: Paper, area: Area, rng: Generator, tone: int = 0) -> None:
    """Draw handling signs side by side."""
    count = int(max(min(area.width / max(area.height, 1e-6), 4), 1))
    names = [icons.HANDLING[i] for i in rng.permutation(4)[:count]]
    for cell, name in zip(area.columns(*[1] * count), names, strict=True):
        icons.sign(paper, cell.inset(0.001), name, tone)


def fine_print(paper: Paper, area: Area, rng: Generator, cap_m: float = 0.0013) -> None:
    """Print sentences in small type."""
    down = max(int(area.height / (cap_m * 1.6)), 1)
    words = max(int(area.width / (cap_m * 4.2)), 1)
    lines = [fake_names.sentence(rng, words).capitalize() for _ in range(min(down, 6))]
    paper.lines(area.inset(0.0005), lines, cap_m=cap_m)


def rule(paper: Paper, y_m: float, width_m: float = 0.0006) -> None:
    """Draw a line across the label."""
    paper.line([(0.0, y_m), (paper.size_m[0], y_m)], width_m)


def _fact(paper: Paper, cell: Area, title: str, value: str, cap_m: float = 0.0045) -> None:
    head, body = cell.rows(1, 1.9)
    paper.text(head, title, cap_m=min(0.002, cap_m))
    paper.text(body, value, cap_m=cap_m, bold=True)


def _rows(zones: list[Area]) -> list[list[Area]]:
    """Return the zones grouped by common heights, from the top down."""
    rows: list[list[Area]] = []
    for zone in sorted(zones, key=lambda z: z.top):
        if rows and zone.top < max(z.bottom for z in rows[-1]) - 1e-6:
            rows[-1].append(zone)
        else:
            rows.append([zone])
    return rows


def _usable(area: Area) -> bool:
    return area.width >= _SMALLEST_M[0] and area.height >= _SMALLEST_M[1]
