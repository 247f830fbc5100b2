"""What stands out in a data set, in sentences: the finding, its uncertainty, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.quality import frames, leakage
from synthgen.quality.findings import Findings
from synthgen.reporting import eye_hazard
from synthgen.reporting.numbers import number, percent, share, some


@dataclass(frozen=True)
class Remark:
    """One finding that stands out."""

    tone: str
    """bad: find the cause before you train on the data set; warn: know about it."""
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
                f"This version of synthgen draws {drawn.shots - drawn.same} of {drawn.shots} shots differently "
                f"from what {found.facts.get('code_version')} stored. synthgen verify says how far pixels differ.",
            )
        )
    for each in found.skewed[:6]:
        made.append(
            Remark(
                "warn",
                f"{each.path}: what was drawn differs from what was asked for by {share(each.gap)} of the "
                f"draws; chance explains {share(found.chance_of_skew(each))}. Attempts were rejected because of its "
                "value: narrow the distribution, or give the scene more room.",
            )
        )
    return made


def _frames(found: Findings) -> list[Remark]:
    made, numbers = [], found.numbers()
    for fault, remedy in (
        ("black", "nothing is lit: check the lights, the exposure and what blocks the view"),
        (
            "saturated",
            f"more than {percent(frames.SATURATED_SHARE)} of the pixels are saturated: shorten the exposure, or dim "
            "the lights",
        ),
        ("flat", "almost nothing is in view: check where the cameras look"),
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
                f"Near-duplicates: {some(found.alike.pairs, 'pair')} of frames{across}; {found.alike.frames} of "
                f"{len(found.frames)} frames are in such a pair. Let more differ between shots: poses, labels, light.",
            )
        )
    views = found.counted.views
    if views.repeated:
        across = f", {some(views.shared, 'arrangement')} in several splits" if views.shared else ""
        made.append(
            Remark(
                "bad" if views.shared else "warn",
                f"In {views.repeated} of {views.things} samples the codes lie at the same pixels as in another sample"
                f"{across}. A detector may learn these places by heart.",
            )
        )
    return made


def _splits(found: Findings) -> list[Remark]:
    made = []
    payloads = found.counted.payloads
    if payloads.shared:
        chance = leakage.expected_by_chance(payloads)
        expected = f"drawing at random from so few would give {number(chance)} pairs" if chance else "chance gives none"
        made.append(
            Remark(
                "warn",
                f"Several splits share {some(payloads.shared, 'payload')} ({expected}): a model that reads codes, not "
                "only finds them, may learn them by heart. Longer payloads avoid this.",
            )
        )
    if found.assets.shared:
        named = ", ".join(found.assets.shared[:4]) + (", ..." if len(found.assets.shared) > 4 else "")
        made.append(
            Remark(
                "warn",
                f"Several splits share {some(len(found.assets.shared), 'outside model')} ({named}): results "
                "on a held-out split are not results on unseen goods.",
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
        made.append(
            Remark("warn", f"{some(misread, 'code')} decoded to another payload than the printed one; see below.")
        )
    if numbers["codes"] and numbers["clear_decode_rate"] < 0.8:
        made.append(
            Remark(
                "warn",
                f"Only {share(numbers['clear_decode_rate'])} of the clear codes (2.5 px per module or more, not "
                "occluded, not cut off) are read: see the reasons and the crops.",
            )
        )
    if not numbers["codes"]:
        made.append(Remark("bad", "No code is in view of any sample."))
    return made


def _safety(found: Findings) -> list[Remark]:
    c = found.counted
    if not c.worst_ratio > found.allowed_ratio:  # nan where no hazard map was made
        return []
    return [
        Remark(
            "warn",
            f"Hazard maps reach {number(c.worst_ratio)} times the exposure limit ({c.worst_ratio_key}); allowed is "
            f"{number(found.allowed_ratio)}. They assume: {eye_hazard.ASSUMPTION}. synthgen safety judges whether an "
            "eye can be there.",
        )
    ]
