"""Invented names for labels: companies, places, goods."""

from __future__ import annotations

from numpy.random import Generator

_COMPANY = (
    "Nordhaven",
    "Larkmere",
    "Bluefjord",
    "Ostergate",
    "Quillon",
    "Verdantis",
    "Halvorn",
    "Merrowick",
    "Tessaly",
)
_TRADE = ("Supply", "Parts", "Goods", "Foods", "Home", "Tools", "Medical", "Electric", "Outdoor", "Paper")
_CARRIER = ("SWIFTERN", "PARCELIX", "NORTRANS", "VELOGO", "KITEPOST", "ARROWAY", "MOVALIS")
_STREET = (
    "Larkwell Road",
    "Alder Quay",
    "Tinfield Way",
    "Kestrel Row",
    "Old Granary Lane",
    "Weir Street",
    "Mill Parade",
)
_TOWN = ("BROOKFEN", "STANMERE", "OAKHOLLOW", "WESTERLUND", "CALDERBY", "RIVENTON", "ASHGROVE", "TARNWICK")
_STATE = ("NV", "OH", "TX", "GA", "PA", "CA", "IL", "NJ")
_FIRST = ("Mara", "Tobin", "Elise", "Jonas", "Priya", "Anton", "Freya", "Milo", "Noor", "Hedda")
_LAST = ("Winslade", "Okonjo", "Berglund", "Hartwell", "Castellan", "Novotny", "Iwamura", "Penhale")
_GOODS = (
    "HEX BOLT M8x40 ZN", "LED PANEL 600x600", "WATER FILTER 3-PACK", "BRAKE PAD SET FRONT", "USB-C CABLE 2 m",
    "OAT BISCUITS 24 x 250 g", "PUMP SEAL KIT B2", "KITCHEN SCALE 5 kg", "NITRILE GLOVES L", "DESK LAMP MATT BLACK",
    "CERAMIC MUG 350 ml", "CARBON BRUSH 6x8", "TRAIL SOCKS 39-42", "RELAY 24 V DC", "SHAMPOO 12 x 400 ml",
)  # fmt: skip
_COLOUR = ("BLACK", "NAVY", "WHITE", "OLIVE", "GRAPHITE", "SAND", "RED")
_SERVICE = ("EXPRESS 12", "GROUND", "STANDARD", "NEXT DAY", "ECONOMY", "2-DAY")


def pick(rng: Generator, words: tuple[str, ...]) -> str:
    """Return one of the words at random."""
    return words[int(rng.integers(len(words)))]


def company(rng: Generator) -> str:
    """Return a trader's name."""
    return f"{pick(rng, _COMPANY)} {pick(rng, _TRADE)}"


def carrier(rng: Generator) -> str:
    """Return a carrier's name, in capitals."""
    return pick(rng, _CARRIER)


def service(rng: Generator) -> str:
    """Return a delivery service."""
    return pick(rng, _SERVICE)


def person(rng: Generator) -> str:
    """Return a person's name."""
    return f"{pick(rng, _FIRST)} {pick(rng, _LAST)}"


def town(rng: Generator) -> str:
    """Return a town with its post code."""
    return f"{pick(rng, _TOWN)} {pick(rng, _STATE)} {digits(rng, 5)}"


def address(rng: Generator, name: str) -> tuple[str, ...]:
    """Return the lines of an address."""
    return name, f"{int(rng.integers(1, 480))} {pick(rng, _STREET)}", town(rng)


def goods(rng: Generator) -> str:
    """Return a description of goods."""
    return pick(rng, _GOODS)


def digits(rng: Generator, count: int) -> str:
    """Return `count` random digits."""
    return "".join(map(str, rng.integers(0, 10, count)))


def date(rng: Generator) -> str:
    """Return a date of the years 2025 to 2028."""
    return f"{int(rng.integers(1, 29)):02d}/{int(rng.integers(1, 13)):02d}/20{int(rng.integers(25, 29))}"


def facts(rng: Generator) -> list[tuple[str, str]]:
    """Return label fields with their values, in random order."""
    known = [
        ("WEIGHT", f"{rng.uniform(0.2, 24):.2f} kg"),
        ("DATE", date(rng)),
        ("REF", f"{digits(rng, 4)}-{digits(rng, 5)}"),
        ("ORDER", digits(rng, 8)),
        ("PO No", f"45{digits(rng, 8)}"),
        ("PCS", f"{int(rng.integers(1, 12))} / {int(rng.integers(12, 24))}"),
        ("DEPT", digits(rng, 3)),
        ("COLOUR", pick(rng, _COLOUR)),
        ("SIZE", pick(rng, ("S", "M", "L", "XL", "38", "42"))),
        ("QTY", str(int(rng.integers(1, 96)))),
        ("LOT", f"L{digits(rng, 6)}"),
        ("DIM", f"{int(rng.integers(10, 60))}x{int(rng.integers(10, 50))}x{int(rng.integers(5, 40))} cm"),
    ]
    return [known[i] for i in rng.permutation(len(known))]


def sentence(rng: Generator, words: int) -> str:
    """Return words of fine print in random order."""
    return " ".join(_PRINT[int(i)] for i in rng.integers(0, len(_PRINT), words))


_PRINT = (
    "keep", "dry", "handle", "with", "care", "store", "below", "30 C", "do", "not", "stack", "this side", "inspect",
    "on", "arrival", "made", "of", "recycled", "board", "contents", "sold", "by", "weight", "volume", "see", "leaflet",
    "for", "use", "return", "to", "sender", "if", "unclaimed",
)  # fmt: skip
