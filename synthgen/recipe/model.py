"""The frozen model of a recipe: names and values without logic (docs/contract.md section 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from synthgen.photobiology import editions
from synthgen.recipe.base import Flaw, Given, Name, NotNegative, Part, Vec3, Whole, one_of, wrong
from synthgen.recipe.cameras import CameraPart
from synthgen.recipe.faults import nearest
from synthgen.recipe.items import ItemPart
from synthgen.recipe.lights import BafflePart, LightPart
from synthgen.recipe.provenance import Origin
from synthgen.recipe.randomizer_entry import Entry
from synthgen.recipe.scalars import Leaf, vector
from synthgen.recipe.unit_suffixes import field_of, scaled
from synthgen.world import calendar_day, shot
from synthgen.world.maps import OUTPUTS

VERSION = 1
HAZARDS = ("worst", *editions.HAZARDS)
"""The hazards of IEC 62471, and the worst of them."""
_WAREHOUSE = Annotated[Any, Leaf("word", options=lambda: sorted(_sites()), random=False)]
_FILE = Annotated[Any, Leaf("word", random=False)]


class ClutterPart(Part):
    """Outside models strewn over a region as obstacles."""

    usd: tuple[_FILE, ...] = Field(min_length=1)
    """Files, or patterns of files such as props/*.usd, beside the recipe."""
    count: Whole = 1
    region_m: vector(Vec3, Vec3) | None = None  # type: ignore[valid-type]
    """Two opposite corners; left out: the scene's own place for clutter."""
    size_m: NotNegative = 0.0
    """Longest edge that a model is scaled to; 0 keeps the model's own size."""


class ScenePart(Part):
    """The standing scene: a warehouse with its own numbers, an outside stage, clutter."""

    warehouse: _WAREHOUSE = ""
    usd: _FILE = ""
    clutter: ClutterPart | None = None
    parameters: dict[str, NotNegative] = Field(default_factory=dict)
    """The warehouse's own numbers, written beside `warehouse`."""

    @model_validator(mode="before")
    @classmethod
    def _own_numbers(cls, data: Any) -> Any:
        """Move the warehouse's own numbers, in any unit, into `parameters`."""
        if not isinstance(data, dict):
            return data
        known = parameter_names(data.get("warehouse"))
        given, own = {}, {}
        for key, value in data.items():
            name, factor = field_of(key, known)
            if name and name not in own and key not in ("warehouse", "usd", "clutter"):
                own[name] = scaled(value, factor)
            else:
                given[key] = value
        given.pop("parameters", None)  # `whole` tells where they are written
        return {**given, "parameters": own}

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that the warehouse's own numbers stand one level too low."""
        if "parameters" in given:
            yield "parameters", "found a mapping of numbers; write each beside warehouse, such as belt_speed_m_s: 1.2"

    @classmethod
    def names(cls) -> list[str]:
        """Return the fields that are the same for every warehouse."""
        return ["warehouse", "usd", "clutter"]


def parameter_names(warehouse: Any) -> list[str]:
    """Return the numbers that a warehouse can be given, of the most alike where there is none of that name."""
    if not isinstance(warehouse, str):
        return []
    return list(_sites().get(warehouse if warehouse in _sites() else nearest(warehouse, _sites()), ()))


def _sites() -> dict[str, dict[str, float]]:
    from synthgen.world import sites

    return sites.DEFAULTS


class ZonePart(Part):
    """A box where eyes can be."""

    box_m: vector(Vec3, Vec3)  # type: ignore[valid-type]
    kind: Annotated[Any, Leaf("word", random=False)] = "walkway"
    gaze: one_of("worst", "at_source", "horizontal", random=False) = "worst"  # type: ignore[valid-type]
    duration_s: Annotated[Any, Leaf("number", gt=0, random=False)] = 0.0
    """Length of a stay; 0, where none is written, is that of `safety`."""


class SingleFaultPart(Part):
    """One thing that fails or is taken away while people are in the zones."""

    stuck_on: Annotated[Any, Leaf("word", random=False)] = ""
    """Lamps that shine without pause, as `on` of a randomizer names them: lights, lights.bar_*."""
    removed: Annotated[Any, Leaf("word", random=False)] = ""
    """Sheets that are not there: baffles, baffles.hood_*."""

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that nothing fails, or that another group is named."""
        if not given.get("stuck_on") and not given.get("removed"):
            yield "", "names nothing that fails; write stuck_on: lights.NAME or removed: baffles.NAME"
        for key, group in (("stuck_on", "lights"), ("removed", "baffles")):
            named = given.get(key)
            if isinstance(named, str) and named and named.partition(".")[0] != group:
                yield key, f"found {named[:40]!r}; write {group} or {group}.NAME"


class DocumentPart(Part):
    """What a safety report is filed by; lines to fill in by hand stand where nothing is written."""

    document_number: Annotated[Any, Leaf("word", random=False)] = ""
    issued: Annotated[Any, Leaf("word", random=False)] = ""
    """Date, YYYY-MM-DD, in quotation marks."""
    client: Annotated[Any, Leaf("word", random=False)] = ""
    site: Annotated[Any, Leaf("word", random=False)] = ""
    machine: Annotated[Any, Leaf("word", random=False)] = ""
    data_sheets: Annotated[Any, Leaf("word", random=False)] = ""

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that the date of issue is none."""
        issued = given.get("issued")
        if isinstance(issued, str) and issued:
            try:
                calendar_day.day(issued)
            except ValueError as fault:
                yield "issued", str(fault)


class SafetyPart(Part):
    """The eye-safety question of a recipe (docs/contract.md section 8)."""

    hazard: Annotated[Any, Leaf("word", options=lambda: HAZARDS, random=False)] = "worst"
    edition: Annotated[Any, Leaf("word", options=lambda: editions.EDITIONS, random=False)] = "iec62471-2006"
    duration_s: Annotated[Any, Leaf("number", gt=0, random=False)] = 30000.0
    max_ratio: Annotated[Any, Leaf("number", gt=0, random=False)] = 1.0
    on_exceed: one_of("flag", "reject", "fail", random=False) = "flag"  # type: ignore[valid-type]
    zones: dict[Name, ZonePart] = Field(default_factory=dict)
    single_faults: dict[Name, SingleFaultPart] = Field(default_factory=dict)
    report: DocumentPart = DocumentPart()


class DatasetPart(Part):
    """How shots become splits and shards."""

    splits: dict[Name, Annotated[Any, Leaf("number", gt=0, random=False)]] = Field(
        default_factory=lambda: {"train": 1.0}
    )
    """Shares that add up to 1, or whole counts of shots."""
    samples_per_shard: Annotated[Any, Leaf("whole", ge=1, random=False)] = 8
    """Shots a shard."""
    licence: Annotated[Any, Leaf("word", random=False)] = "not stated"
    """An SPDX identifier such as CC-BY-4.0, or a name of your own."""

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that the licence has no name, or that the splits are no shares of one whole."""
        licence = given.get("licence", "-")
        if isinstance(licence, str) and (not licence.strip() or not licence.isprintable()):
            yield "licence", "found no name in one line; write an SPDX identifier such as CC-BY-4.0, or leave it out"
        splits = given.get("splits", {"train": 1})
        values = list(splits.values()) if isinstance(splits, dict) else []
        if not values or not all(isinstance(v, (int, float)) and math.isfinite(v) for v in values):
            return
        if not (all(v == int(v) for v in values) or math.isclose(sum(values), 1.0, abs_tol=1e-6)):
            yield "splits", f"found a sum of {sum(values):g}; write shares that add up to 1, or whole counts"


def _version(value: Any) -> Any:
    if value != VERSION or isinstance(value, bool):
        raise wrong(f"found version {str(value)[:20]}; this program reads version: {VERSION}")
    return VERSION


class Recipe(Part):
    """One recipe, checked: every value is a number in SI, a word, or a distribution of them."""

    version: Annotated[int, BeforeValidator(_version)]
    seed: Annotated[int, Leaf("whole", ge=0, le=2**63 - 1, random=False)] = 0
    scene: ScenePart = ScenePart()
    cameras: dict[Name, CameraPart] = Field(default_factory=dict)
    lights: dict[Name, LightPart] = Field(default_factory=dict)
    baffles: dict[Name, BafflePart] = Field(default_factory=dict)
    items: dict[Name, ItemPart] = Field(default_factory=dict)
    randomize: tuple[Entry, ...] = ()
    safety: SafetyPart = SafetyPart()
    outputs: tuple[one_of(*OUTPUTS, random=False), ...] = ("image",)  # type: ignore[valid-type]
    dataset: DatasetPart = DatasetPart()

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @property
    def origin(self) -> Origin:
        """Return where the recipe came from."""
        return self._origin

    @property
    def splits(self) -> dict[str, float]:
        """Return the share or count of each split."""
        return dict(self.dataset.splits)

    @property
    def samples_per_shard(self) -> int:
        """Return how many shots one shard holds."""
        return self.dataset.samples_per_shard

    @property
    def eye_safety(self) -> shot.Safety:
        """Return the safety section without its zones, which a shot decides."""
        s = self.safety
        return shot.Safety(
            hazard=s.hazard,
            edition=s.edition,
            duration_s=s.duration_s,
            max_ratio=s.max_ratio,
            on_exceed=s.on_exceed,
        )
