"""Age labels: print defects, handling damage, and film or tape over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Normal, draw
from synthgen.world.shot import Label, Shot, Wear

from .selection import Count, Number, Text, selected

_LABELLED = ("carton", "mailer", "tote", "pallet_load", "beam", "shelf", "card", "usd")


@dataclass(frozen=True, kw_only=True)
class PrintWear:
    """Wear a share of all labels; the distribution of each defect holds its probability."""

    on: str = "items"
    kinds: tuple[str, ...] = _LABELLED
    share: Number = 0.35
    """Share of labels with any wear."""
    print_growth_x: Number = Normal(0.0, 0.1, -0.3, 0.3)
    fade: Number = Choice((0.0, 0.1, 0.25, 0.45, 0.7), (70, 12, 10, 6, 2))
    void_share: Number = Choice((0.0, 0.005, 0.015, 0.04, 0.1), (70, 12, 10, 6, 2))
    dead_lines: Count = Choice((0, 1, 2, 4), (85, 8, 5, 2))
    scratches: Count = Choice((0, 1, 3, 8), (65, 15, 14, 6))
    smear_m: Number = Choice((0.0, 0.001, 0.003, 0.008), (88, 5, 5, 2))
    dirt: Number = Choice((0.0, 0.15, 0.35, 0.7), (65, 18, 13, 4))
    tear: Number = Choice((0.0, 0.02, 0.08, 0.25), (92, 4, 3, 1))
    crease: Count = Choice((0, 1, 2, 4), (75, 12, 9, 4))

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with worn labels."""
        return _on_labels(shot, self.on, self.kinds, rng, self._worn)

    def _worn(self, label: Label, rng: Stream) -> Label:
        if rng.at("worn").uniform() >= draw(self.share, rng.at("share")):
            return label
        wear = Wear(
            print_growth_x=float(draw(self.print_growth_x, rng.at("print_growth_x"))),
            fade=float(draw(self.fade, rng.at("fade"))),
            void_share=float(draw(self.void_share, rng.at("void_share"))),
            dead_lines=int(draw(self.dead_lines, rng.at("dead_lines"))),
            scratches=int(draw(self.scratches, rng.at("scratches"))),
            smear_m=float(draw(self.smear_m, rng.at("smear_m"))),
            dirt=float(draw(self.dirt, rng.at("dirt"))),
            tear=float(draw(self.tear, rng.at("tear"))),
            crease=int(draw(self.crease, rng.at("crease"))),
            seed=rng.at("seed").integer(),
        )
        return replace(label, wear=wear)


@dataclass(frozen=True, kw_only=True)
class LabelFilm:
    """Cover a share of all labels with tape, stretch film or a pouch."""

    on: str = "items"
    kinds: tuple[str, ...] = _LABELLED
    share: Number = 0.14
    film: Text = Choice(("tape", "stretch_film", "pouch"), (60, 15, 25))

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with some labels under film; labels that have a film keep it."""
        return _on_labels(shot, self.on, self.kinds, rng, self._covered)

    def _covered(self, label: Label, rng: Stream) -> Label:
        if label.film or rng.at("covered").uniform() >= draw(self.share, rng.at("share")):
            return label
        return replace(label, film=str(draw(self.film, rng.at("film"))))


def _on_labels(
    shot: Shot, on: str, kinds: tuple[str, ...], rng: Stream, change: Callable[[Label, Stream], Label]
) -> Shot:
    """Return `shot` with `change` applied to every selected label."""
    items = dict(shot.items)
    for item_id, item in selected(shot, on, kinds):
        labels = tuple(change(label, rng.at(item_id, label.label_id)) for label in item.labels)
        items[item_id] = replace(item, labels=labels)
    return replace(shot, items=items)
