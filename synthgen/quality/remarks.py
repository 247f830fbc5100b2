"""What stands out in a data set, in sentences: what was found, how sure that is, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.quality import frames, leakage
from synthgen.quality.findings import Findings
from synthgen.reporting.numbers import number, share, some


@dataclass(frozen=True)
class Remark:
    """One of them."""

    tone: str
    """bad: do not train on it before it is understood; warn: know about it."""
    text: str


def remarks(found: Findings) -> tuple[Remark, ...]:
    """Return what stands out, the gravest first."""
    made = [*_shots(found), *_frames(found), *_splits(found), *_codes(found), *_safety(found)]
    return tuple(sorted(made, key=lambda remark: remark.tone != "bad"))


def _shots(found: Findings) -> list[Remark]:
    made, drawn = [], found.drawn
    if found.failed:
        causes = sorted({cause for each in found.failed.values() for cause in each})
        made.append(
            Remark(
                "bad",
                f"{some(len(found.failed), 'shot')} could not be built in 20 tries ({', '.join(causes)}): they are "
                "missing, and what they would have shown is missing with them. synthgen plan shows how often.",
            )
        )
    if drawn is None:
        made.append(Remark("warn", f"Asked for and drawn could not be compared: {found.undrawn}."))
        return made
    if drawn.same < drawn.shots:
        made.append(
            Remark(
                "warn",
                f"{drawn.shots - drawn.same} of {drawn.shots} shots are drawn otherwise today: this is "
                f"another version than {found.facts.get('code_version')}. synthgen verify says how far pixels differ.",
            )
        )
    for each in found.skewed[:6]:
        made.append(
            Remark(
                "warn",
                f"{each.path}: what was drawn differs from what was asked for by {share(each.gap)} of the "
                f"draws, chance explains {share(found.chance_of_skew(each))}. Attempts were rejected by its value; "
                "narrow the distribution, or give the scene more room.",
            )
        )
    return made


def _frames(found: Findings) -> list[Remark]:
    made, numbers = [], found.numbers()
    for fault, remedy in (
        ("black", "nothing is lit: check lights, exposure and what stands before the lens"),
        ("saturated", f"more than {share(frames.SATURATED_SHARE)} of the pixels are full: shorten the exposure"),
        ("flat", "next to nothing is in view: check where cameras look"),
    ):
        part = numbers[f"{fault}_share"]
        if part > 0:
            keys = [each.key for each in found.frames if fault in each.faults]
            made.append(
                Remark(
                    "bad" if part > 0.02 else "warn",
                    f"{len(keys)} of {len(found.frames)} frames {'is' if len(keys) == 1 else 'are'} {fault} "
                    f"({', '.join(keys[:3])}{', ...' if len(keys) > 3 else ''}): {remedy}.",
                )
            )
    if numbers["empty_share"] > 0.3:
        made.append(Remark("warn", f"{share(numbers['empty_share'])} of the samples have no code in view."))
    if found.alike.pairs:
        across = f", {found.alike.across} of them in different splits" if found.alike.across else ""
        made.append(
            Remark(
                "bad" if found.alike.across else "warn",
                f"Nearly alike are {some(found.alike.pairs, 'pair')} of frames"
                f"{across}: {found.alike.frames} of {len(found.frames)} frames have a double. More must differ between "
                "shots.",
            )
        )
    views = found.counted.views
    if views.repeated:
        across = f", {some(views.shared, 'arrangement')} in several splits" if views.shared else ""
        made.append(
            Remark(
                "bad" if views.shared else "warn",
                f"In {views.repeated} of {views.things} samples the codes lie, to the pixel, as in "
                f"another sample{across}. A detector learns these places.",
            )
        )
    return made


def _splits(found: Findings) -> list[Remark]:
    made = []
    payloads = found.counted.payloads
    if payloads.shared:
        chance = leakage.expected_by_chance(payloads)
        expected = (
            f"as drawing at random from so few would give {number(chance)} pairs" if chance else "never by chance"
        )
        made.append(
            Remark(
                "warn",
                f"Several splits share {some(payloads.shared, 'payload')} ({expected}): whoever reads, not finds, may "
                "know them by heart. Longer payloads end it.",
            )
        )
    if found.assets.shared:
        named = ", ".join(found.assets.shared[:4]) + (", ..." if len(found.assets.shared) > 4 else "")
        made.append(
            Remark(
                "warn",
                f"Several splits share {some(len(found.assets.shared), 'outside model')} ({named}): what is "
                "measured on a held-out split is not measured on unseen goods.",
            )
        )
    for drift in found.drifts:
        if drift.found:
            made.append(
                Remark(
                    "warn",
                    f"{' and '.join(drift.splits)} differ in {drift.axis}: largest gap {share(drift.gap)}, chance "
                    f"explains {share(drift.chance)}.",
                )
            )
    return made


def _codes(found: Findings) -> list[Remark]:
    misread, numbers = found.counted.reasons.get("misread", (0, 0))[0], found.numbers()
    made = []
    if misread:
        made.append(Remark("warn", f"Read as something else: {some(misread, 'code')}, shown below."))
    if numbers["codes"] and numbers["clear_decode_rate"] < 0.8:
        made.append(
            Remark(
                "warn",
                f"Of the codes that are fine, unoccluded and whole only {share(numbers['clear_decode_rate'])} are "
                "read: see the reasons and the crops.",
            )
        )
    if not numbers["codes"]:
        made.append(Remark("bad", "No code is in view of any sample."))
    return made


def _safety(found: Findings) -> list[Remark]:
    c = found.counted
    if c.worst_ratio <= found.allowed_ratio:
        return []
    return [
        Remark(
            "warn",
            f"Hazard maps reach {number(c.worst_ratio)} times the exposure limit ({c.worst_ratio_key}); allowed is "
            f"{number(found.allowed_ratio)}. synthgen safety judges whether an eye can be there.",
        )
    ]
