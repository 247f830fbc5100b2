"""GS1 element strings: their bracketed form, the data of each identifier, and which identifiers go together.

The writer library accepts wrong check digits, impossible dates and identifiers without those that they need, so these
are checked here.

References:
    GS1 General Specifications: section 3 (application identifiers), 4.14 (mandatory and invalid pairs), 5.4 (at most 48
    characters and 165.1 mm in a GS1-128 symbol), 7.8 (element strings in symbols), 7.9 (check digit).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synthgen.barcodes.gs1_components import ALPHABETS, RIGHT, RULES, check_digit
from synthgen.barcodes.gs1_identifiers import IDENTIFIERS, Component, Identifier, matches
from synthgen.errors import BarcodeError

__all__ = ["Element", "bracketed", "characters", "check_digit", "check_needs", "parse"]

MAX_GS1_128_CHARACTERS = 48
MAX_GS1_128_WIDTH_M = 0.1651
SEPARATOR = "\x1d"
"""What a reader returns for a function character 1 between two elements (ASCII group separator)."""


@dataclass(frozen=True)
class Element:
    """One application identifier and its data."""

    ai: str
    data: str

    @property
    def rule(self) -> Identifier:
        """Return what the identifier stands for."""
        return IDENTIFIERS[self.ai]

    def __str__(self) -> str:
        """Return the element in its bracketed form."""
        return f"({self.ai}){self.data}"


def parse(payload: str) -> tuple[Element, ...]:
    """Return the elements of a bracketed element string, each one checked, and no two that exclude each other.

    Raises:
        BarcodeError: the string is not `(AI)data...`, or its content breaks a rule of GS1.
    """
    parts = re.split(r"\((\d{2,4})\)", payload)
    if parts[0] or len(parts) < 3:
        raise BarcodeError(f"GS1 content {payload!r}: write it as (AI)data, for example (01)09521234543213(10)LOT7")
    elements = tuple(Element(ai, data) for ai, data in zip(parts[1::2], parts[2::2], strict=True))
    position = 1
    for element in elements:
        position += len(element.ai) + 2
        _check_element(element, position)
        position += len(element.data)
    _check_excluded(elements)
    return elements


def bracketed(found: bytes) -> str | None:
    r"""Return the bytes of a GS1 symbol in bracketed form; None where they are no element string.

    >>> bracketed(b"010952123454321310AB\x1d21X")
    '(01)09521234543213(10)AB(21)X'
    """
    rest, elements = found.decode("latin-1"), []
    while rest:
        ai = next((rest[:length] for length in (2, 3, 4) if rest[:length] in IDENTIFIERS), None)
        if ai is None:
            return None
        rule, rest = IDENTIFIERS[ai], rest[len(ai) :]
        data, separator, after = rest.partition(SEPARATOR)
        if rule.fixed:
            data, after = rest[: rule.longest], rest[rule.longest :].removeprefix(SEPARATOR)
        if not data or (rule.fixed and len(data) < rule.longest) or (separator and not after):
            return None
        elements.append(Element(ai, data))
        rest = after
    return "".join(map(str, elements)) or None


def characters(elements: Sequence[Element]) -> int:
    """Return the data characters in a symbol, separators included (what the limit of 48 counts)."""
    separators = sum(not element.rule.fixed for element in elements[:-1])
    return sum(len(element.ai) + len(element.data) for element in elements) + separators


def check_needs(elements: Iterable[Element]) -> None:
    """Check that each identifier has those that it needs, on all codes of one item together.

    Raises:
        BarcodeError: one of them is missing; the message names the rule.
    """
    elements = tuple(elements)
    present = {element.ai for element in elements}
    for element in elements:
        for need in element.rule.needs:
            if not any(all(_has(present, pattern) for pattern in together) for together in need):
                wanted = " or ".join(" with ".join(f"({pattern})" for pattern in together) for together in need)
                raise BarcodeError(
                    f"GS1 content holds ({element.ai}) {element.rule.title} without {wanted}, which it needs; "
                    "add it to this code or to another one of the item"
                )


def _has(present: Iterable[str], pattern: str) -> bool:
    return any(matches(pattern, ai) for ai in present)


def _check_excluded(elements: Sequence[Element]) -> None:
    present = [element.ai for element in elements]
    for ai in present:
        if present.count(ai) > 1:
            raise BarcodeError(f"GS1 content holds ({ai}) twice; keep one")
    for element in elements:
        for pattern in element.rule.excludes:
            for other in present:
                if other != element.ai and matches(pattern, other):
                    raise BarcodeError(
                        f"GS1 content holds ({element.ai}) {element.rule.title} and ({other}) "
                        f"{IDENTIFIERS[other].title}, which exclude each other; drop one"
                    )


def _check_element(element: Element, position: int) -> None:
    """Check the data of one element; `position` is that of its first character in the payload, from 1."""
    rule = IDENTIFIERS.get(element.ai)
    if rule is None:
        raise BarcodeError(f"GS1 application identifier ({element.ai}) is not known; {_nearest(element.ai)}")
    _check_brackets(element, position)
    start = 0
    for part in rule.components:
        if start == len(element.data) and part.optional:
            break
        end = start + part.longest
        if len(element.data) < start + part.shortest:
            raise BarcodeError(f"{element}: {_wanted(rule)}, found {len(element.data)}")
        _check_part(element, part, start, position)
        start = min(end, len(element.data))
    if start < len(element.data):
        raise BarcodeError(f"{element}: {_wanted(rule)}, found {len(element.data)}")


def _check_brackets(element: Element, position: int) -> None:
    """Refuse brackets in data: they would start another identifier in the bracketed form."""
    for place, character in enumerate(element.data, position):
        if character in "()":
            raise BarcodeError(
                f"{element}: the {'opening' if character == '(' else 'closing'} parenthesis {character!r} at position "
                f"{place} of the payload stands inside the data of ({element.ai}); parentheses mark application "
                "identifiers here, write the data without them"
            )


def _check_part(element: Element, part: Component, start: int, position: int) -> None:
    """Check one component, from the character `start` of the data on; `position` is that of the data, from 1."""
    title, data = element.rule.title, element.data
    here = data[start : start + part.longest]
    for place, character in enumerate(here, position + start):
        if character not in ALPHABETS[part.alphabet]:
            raise BarcodeError(
                f"{element}: {title} cannot hold {character!r} at position {place} of the payload; "
                f"write {_CHARACTERS[part.alphabet]}"
            )
    for name in part.rules:
        right = RIGHT[name](here) if name in RIGHT else here
        if right != here:
            write = data[:start] + right + data[start + len(here) :]
            raise BarcodeError(f"{element}: {title}: wrong check digit in {here}; write {write}")
        wrong = RULES[name](here) if name in RULES else ""
        if wrong:
            raise BarcodeError(f"{element}: {title}: {here} {wrong}")


_CHARACTERS = {
    "N": "digits",
    "X": "A-Z a-z 0-9 and ! \" % & ' * + , - . / : ; < = > ? _",
    "Y": "0-9 A-Z # - /",
    "Z": "A-Z a-z 0-9 - _ =",
}


def _wanted(rule: Identifier) -> str:
    """Return how much data an identifier takes."""
    what = "digits" if all(part.alphabet == "N" for part in rule.components) else "characters"
    count = str(rule.longest) if rule.shortest == rule.longest else f"{rule.shortest} to {rule.longest}"
    return f"{rule.title} needs {count} {what}"


def _nearest(ai: str) -> str:
    """Return the identifiers that begin like an unknown one, or where all of them are listed."""
    near = [known for known in IDENTIFIERS if known[:2] == ai[:2]]
    if not near:
        return "see the table of section 3.2 of the GS1 General Specifications"
    return f"those that begin with {ai[:2]} are {', '.join(near[:12])}{' ...' if len(near) > 12 else ''}"
