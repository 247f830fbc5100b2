"""The verdict on page one: what it says, what it rests on, and what somebody who signs it has to know."""

from __future__ import annotations

from collections.abc import Mapping

from synthgen.reporting.document import Banner
from synthgen.reporting.numbers import lasting, number, percent, sentence, some
from synthgen.safety.record import SceneAssessment
from synthgen.safety.report.faults_part import FAULTS
from synthgen.safety.report.flicker_part import FLICKER

UNVERIFIED = "Unverified numbers"
UNCERTAINTY = "Uncertainty and decision rule"

_APART = 0.01  # relative: the search ends when the worst ratio moves less than 1 %


def banner(assessment: SceneAssessment, sections: Mapping[str, int]) -> Banner:
    """Return the verdict with its margin, its conditions and its reservations.

    Args:
        assessment: what was judged.
        sections: number of each section's title in print.
    """
    lines = [sentence(assessment.verdict)]
    if assessment.zones:
        lines.append(margin(assessment))
    if assessment.question.hazard != "worst":
        lines.append(f"The verdict is on one hazard alone: {assessment.question.hazard}.")
    lines += reservations(assessment)
    kind = "Condition" if assessment.passed else "Assumption"
    lines += [f"{kind} {i}: {text}" for i, text in enumerate(conditions(assessment, sections), 1)]
    return Banner(tone=tone(assessment), title=_title(assessment), lines=tuple(lines))


def tone(assessment: SceneAssessment) -> str:
    """Return bad when not passed, warn when a pass has conditions or reservations, else good."""
    if not assessment.passed:
        return "bad"
    open_points = reservations(assessment) or conditions(assessment, {}) or not assessment.zones
    return "warn" if open_points else "good"


def conditions(assessment: SceneAssessment, sections: Mapping[str, int]) -> tuple[str, ...]:
    """Return what the verdict rests on without proof, each with the section that says more."""
    if not assessment.zones:
        return ()
    found = []
    if assessment.unverified:
        weak = sum(line.evidence in ("C", "D") for line in assessment.budget.lines)
        found.append(
            f"it rests on {some(len(assessment.unverified), 'number')} of evidence C or D, not read in a source: check "
            f"before signing ({_section(UNVERIFIED, sections)}). Of the uncertainty budget {some(weak, 'line')} "
            f"{'is' if weak == 1 else 'are'} assumed too ({_section(UNCERTAINTY, sections)})."
        )
    pulsed = [source for source in assessment.sources if source.pulse_s > 0.0]
    if pulsed:
        judged = "what fails is judged apart" if assessment.faults else "no failure of it was judged"
        most = max(pulsed, key=lambda source: source.duty)
        drive = f"pulses of at most {lasting(max(source.pulse_s for source in pulsed))}"
        drive += f", on for at most {percent(most.duty)} of the time" if most.rate_hz > 0.0 else ""
        found.append(
            f"{some(len(pulsed), 'lamp')} of {len(assessment.sources)} strobe as declared ({drive}), which is not "
            f"checked here; {judged} ({_section(FAULTS, sections)})."
        )
    elif not assessment.faults:
        found.append(f"lamps and covers work as described; no single fault was judged ({_section(FAULTS, sections)}).")
    return tuple(found)


def reservations(assessment: SceneAssessment) -> tuple[str, ...]:
    """Return what else somebody who signs a pass has to know."""
    allowed, found = assessment.question.max_ratio, []
    reach = assessment.worst_ratio * (1.0 + assessment.budget.expanded)
    if assessment.worst_ratio <= allowed < reach:
        found.append("The margin is smaller than the uncertainty: measuring may decide otherwise.")
    if allowed > 1.0:
        found.append(f"A ratio of {number(allowed)} was declared acceptable: that is above the exposure limit itself.")
    over = {
        result.hazard: None
        for zone in assessment.zones
        for case in zone.cases
        for result in case.hazards
        if result.ratio > allowed and assessment.question.hazard not in ("worst", result.hazard)
    }
    if over:
        found.append(f"Hazards that were not asked about exceed their limits: {', '.join(over)}.")
    loose = [zone.name for zone in assessment.zones if not zone.convergence.converged]
    loose += [f"{z.name} with {fault.name}" for fault in assessment.faults for z in fault.zones
              if not z.convergence.converged]  # fmt: skip
    if loose:
        found.append(f"The search for the worst place has not converged in {', '.join(loose)}.")
    screened = assessment.distribution.quantiles.get("max", 0.0) if assessment.distribution else 0.0
    if screened > assessment.worst_ratio * (1.0 + _APART):
        found.append(
            f"Looking through the samples gave {number(screened)}, judging the worst of them in full "
            f"{number(assessment.worst_ratio)}: the larger one is the safe one."
        )
    if any(each.seizures for each in assessment.flicker):
        found.append("Lamps flash at a rate that can provoke seizures: no exposure limit covers that, see below.")
    return tuple(found)


def margin(assessment: SceneAssessment) -> str:
    """Return how the worst ratio and its uncertainty lie to the allowed ratio, in words."""
    ratio, expanded, allowed = assessment.worst_ratio, assessment.budget.expanded, assessment.question.max_ratio
    low, high = ratio * max(1.0 - expanded, 0.0), ratio * (1.0 + expanded)
    works = " with everything working" if assessment.faults else ""
    span = (
        f"Worst ratio{works} {number(ratio)}, allowed {number(allowed)}; with its uncertainty of ±{percent(expanded)} "
        f"(k\u00a0=\u00a0{number(assessment.budget.coverage_factor)}) from {number(low)} to {number(high)}"
    )
    if low > allowed:
        return f"{span}: above what is allowed, whatever the uncertainty."
    if high <= allowed:
        return f"{span}: below what is allowed, also with the uncertainty."
    return f"{span}: the uncertainty reaches over the allowed ratio."


def flicker_pointer(sections: Mapping[str, int]) -> str:
    """Return where the report says more of flashing."""
    return _section(FLICKER, sections)


def _section(title: str, sections: Mapping[str, int]) -> str:
    return f"section {sections[title]}, {title}" if title in sections else title


def _title(assessment: SceneAssessment) -> str:
    allowed = assessment.question.max_ratio
    if not assessment.zones:
        return "Nothing judged: there are no eye zones"
    if not assessment.passed:
        return _refusal(assessment)
    under = "under the conditions below" if conditions(assessment, {}) else ""
    more = "with reservations" if reservations(assessment) else ""
    how = ", ".join(text for text in (under, more) if text)
    if allowed != 1.0:
        kept = f"the allowed ratio of {number(allowed)} is kept"
        return f"Acceptable by declaration{f', {how}' if how else ''}: {kept}"
    return f"Acceptable{' ' if under else ', ' if how else ''}{how}: what was judged stays within its limits"


def _refusal(assessment: SceneAssessment) -> str:
    allowed = assessment.question.max_ratio
    if assessment.zones_passed:
        what = "an exposure limit is" if allowed == 1.0 else f"the allowed ratio of {number(allowed)} is"
        return f"Not acceptable: with a single fault {what} exceeded"
    if assessment.worst_ratio <= allowed:
        return "Not acceptable: with its uncertainty the exposure is not shown to stay within what is allowed"
    if allowed != 1.0:
        return f"Not acceptable: the allowed ratio of {number(allowed)} is exceeded"
    return "Not acceptable: an exposure limit is exceeded"
