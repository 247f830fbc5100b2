"""Design a label around one main code: template, size, companions and the largest module that fits.

Modules on one label are whole numbers of quarters of the main code's module, so that all codes fall on one texel grid:
matrix codes beside bars 1.5 times it, as GS1 asks, where the recipe's range of modules allows that.

References:
    GS1 General Specifications, release 24, section 6 (logistic label 105 x 148 mm, bars at least 31.75 mm high) and
    5.5 (X-dimensions). Other sizes are ordinary practice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from numpy.random import Generator

from synthgen.barcodes import encode, gs1, payloads
from synthgen.barcodes.symbologies import TABLE
from synthgen.printing import layout
from synthgen.random_streams import Stream
from synthgen.world.distributions import Distribution, allows, smaller
from synthgen.world.shot import Code, Label

_LEAST_MODULE_M = 0.00017
_SHRINK = 0.85
_MATRIX_RATIOS = (1.5, 1.25, 1.0)
"""Module of a matrix code over that of the bars beside it: the first that is allowed."""


@dataclass(frozen=True)
class Kind:
    """The properties of one template."""

    carrier: str
    """Whose payloads it carries (`payloads.CARRIERS`)."""
    sizes_mm: tuple[tuple[float, float], ...]
    """Sizes it comes in, the largest first."""
    bars_mm: tuple[float, float]
    """Smallest and largest height of its bars."""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "shipping": Kind("parcel", ((101.6, 152.4), (100, 150), (105, 148), (102, 102), (100, 75)), (16, 32)),
        "sscc": Kind("pallet", ((148, 210), (105, 148), (101.6, 152.4), (100, 100)), (25, 34)),
        "product": Kind("carton", ((150, 100), (100, 100), (100, 60), (90, 50), (70, 40)), (12, 28)),
        "retail": Kind("item", ((60, 40), (50, 30), (45, 30)), (12, 23)),
        "fnsku": Kind("item", ((76, 51), (66, 25), (60, 30), (51, 25)), (7, 12)),
        "small": Kind("part", ((60, 30), (50, 25), (40, 20), (30, 15), (20, 10)), (6, 10)),
        "rack": Kind("rack", ((150, 75), (120, 60), (100, 70), (100, 40), (80, 30)), (10, 32)),
        "tote": Kind("tote", ((210, 74), (100, 60), (100, 50), (70, 40), (50, 25)), (12, 32)),
        "plain": Kind("parcel", ((100, 60), (80, 40), (60, 30), (40, 40), (25, 25)), (10, 25)),
        "card": Kind("parcel", ((148, 105),), (20, 45)),
    }
)

_TEMPLATES: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {  # symbology: templates on cartons and parcels with their weights
        "aztec": (("shipping", 0.7), ("small", 0.3)),
        "code128": (("shipping", 0.55), ("product", 0.25), ("fnsku", 0.2)),
        "code39": (("product", 0.8), ("small", 0.2)),
        "datamatrix": (("small", 0.45), ("shipping", 0.4), ("product", 0.15)),
        "ean13": (("retail", 0.5), ("product", 0.5)),
        "gs1_128": (("sscc", 0.5), ("shipping", 0.3), ("product", 0.2)),
        "gs1_datamatrix": (("small", 0.5), ("product", 0.5)),
        "gs1_qr": (("small", 0.4), ("product", 0.6)),
        "itf14": (("product", 1.0),),
        "pdf417": (("shipping", 0.8), ("product", 0.2)),
        "qr": (("shipping", 0.4), ("product", 0.3), ("small", 0.3)),
        "upca": (("retail", 0.5), ("product", 0.5)),
    }
)


def templates(symbology: str, rng: Generator) -> list[str]:
    """Return the templates that suit a symbology on a carton, in a random order of preference."""
    suited = _TEMPLATES[symbology]
    keys = [rng.random() ** (1 / weight) for _, weight in suited]  # Efraimidis and Spirakis: weighted order
    return [name for _, (name, _) in sorted(zip(keys, suited, strict=True), key=lambda pair: -pair[0])]


def design(
    *,
    label_id: str,
    item_id: str,
    template: str,
    symbology: str,
    module_m: float,
    room_m: tuple[float, float],
    stream: Stream,
    asked_m: float | Distribution | None = None,
    companions: tuple[str, ...] = (),
    kept: Collection[int] | None = None,
    payload: str = "",
    carrier: str = "",
    size_m: tuple[float, float] | None = None,
) -> Label | None:
    """Return a label with its codes in place but not yet on a face; None when nothing that is allowed fits.

    Args:
        label_id: name of the label on its item; codes are called `<item>/<label>/<n>`.
        item_id: name of the item.
        template: a key of `KINDS`.
        symbology: of the main code.
        module_m: of the main code; made smaller where the label is too small for it, as far as `asked_m` allows.
        room_m: the largest width and height that the label may have.
        stream: where payloads, size and arrangement are drawn.
        asked_m: what the recipe asks for: the module of every code is one that it can give; None is `module_m` alone.
        companions: symbologies of further codes.
        kept: how many of the companions the label may carry, the first ones; None is all of them.
        payload: of the main code; "" draws a plausible one.
        carrier: whose payloads are drawn; "" is the template's own.
        size_m: a size to take instead of one of the template's.
    """
    kind = KINDS[template]
    contents = _contents(symbology, companions, payload, carrier or kind.carrier, stream)
    sizes = [size_m] if size_m else _sizes(kind, room_m, stream.at("size").generator())
    bars_m = 1e-3 * (kind.bars_mm[0] + stream.at("bars").uniform() * (kind.bars_mm[1] - kind.bars_mm[0]))
    codes_of = f"{item_id}/{label_id}"
    asked_m = module_m if asked_m is None else asked_m
    for module in _modules(module_m, asked_m):
        for size in sizes:
            wanted = _codes(codes_of, contents, module, asked_m, min(bars_m, 0.5 * size[1]))
            for some in _fewer(wanted, kept):
                if not all(map(_allowed, some)):
                    continue
                placed = layout.arrange(some, size, template, stream.at("layout").generator())
                if placed is not None:
                    seed = stream.at("art").integer()
                    return _label(label_id, size, template, placed, seed)
    return None


def _modules(drawn_m: float, asked_m: float | Distribution) -> Iterator[float]:
    """Yield the module that was drawn, then smaller ones that the recipe asks for too, down to what can be printed."""
    for module_m in (drawn_m, *smaller(asked_m, drawn_m, _SHRINK)):
        if module_m >= _LEAST_MODULE_M:
            yield module_m


def _label(label_id: str, size_m: tuple[float, float], template: str, codes: tuple[Code, ...], seed: int) -> Label:
    return Label(
        label_id=label_id,
        face="top",
        center_m=(0.0, 0.0),
        size_m=size_m,
        template=template,
        codes=codes,
        art_seed=seed,
    )


def _contents(
    symbology: str, companions: tuple[str, ...], payload: str, carrier: str, stream: Stream
) -> list[tuple[str, str]]:
    """Return (symbology, payload) of each code, the main one first; the second GS1-128 of a pallet is its content."""
    contents = [(symbology, payload or payloads.plausible(symbology, carrier, stream.at("payload")))]
    for number, other in enumerate(companions):
        place = stream.at("payload", number + 1)
        if other == "gs1_128" and carrier == "pallet":
            contents.append((other, payloads.pallet_second(place.generator())))
        elif payload and carrier in ("rack", "tote"):
            contents.append((other, payload))
        else:
            contents.append((other, payloads.plausible(other, carrier, place)))
    return contents


def _sizes(kind: Kind, room_m: tuple[float, float], rng: Generator) -> list[tuple[float, float]]:
    """Return the sizes that fit the room: one of them by chance first, then the rest from the largest down."""
    sizes = [(w * 1e-3, h * 1e-3) for w, h in kind.sizes_mm if w * 1e-3 <= room_m[0] and h * 1e-3 <= room_m[1]]
    if not sizes:
        return []
    first = sizes[int(rng.integers(len(sizes)))]
    return [first, *(size for size in sizes if size != first)]


def _codes(
    prefix: str, contents: list[tuple[str, str]], module_m: float, asked_m: float | Distribution, bars_m: float
) -> list[Code]:
    main_is_linear = TABLE[contents[0][0]].linear
    codes = []
    for number, (symbology, payload) in enumerate(contents):
        linear = TABLE[symbology].linear
        ratios = _MATRIX_RATIOS if main_is_linear and not linear and symbology != "pdf417" else ()
        ratio = next((r for r in ratios if allows(asked_m, module_m * r)), 1.0)
        codes.append(
            Code(
                code_id=f"{prefix}/{number}",
                symbology=symbology,
                payload=payload,
                module_m=module_m * ratio,
                position_m=(0.0, 0.0),
                height_m=bars_m if linear else 0.0,
            )
        )
    return codes


def _fewer(codes: list[Code], kept: Collection[int] | None) -> list[list[Code]]:
    """Return the codes, then fewer and fewer of them down to the main one, as far as companions may be left out."""
    most = len(codes) - 1
    return [codes[: count + 1] for count in range(most, -1, -1) if count in ((most,) if kept is None else kept)]


def _allowed(code: Code) -> bool:
    """Return whether a code keeps GS1's longest symbol, 165 mm with its quiet zones."""
    if code.symbology != "gs1_128":
        return True
    symbol = encode.encode(code.symbology, code.payload, alone=False)
    return (symbol.width + 20) * code.module_m <= gs1.MAX_GS1_128_WIDTH_M
