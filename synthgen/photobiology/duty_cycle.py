"""How a lamp is driven: continuous, one pulse, or a train; and which exposures follow from it.

`peak` is the level while on; a case says for how long and with which share of the peak it must meet a limit.

References:
    IEC 62471:2006, 6.2 (recalled, evidence C; time averages against the continuous table confirmed by OSRAM AN097, B).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthgen.errors import InputError

GROUP_S = 0.25
"""Pulses within the time of the aversion response are judged together [s]."""


@dataclass(frozen=True)
class Drive:
    """Pulse width and rate; a pulse of 0 is continuous, a rate of 0 a single pulse.

    Raises:
        InputError: a negative number, a rate without a pulse, or a pulse longer than the period.
    """

    pulse_s: float = 0.0
    rate_hz: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.pulse_s < math.inf and 0.0 <= self.rate_hz < math.inf):
            raise InputError(
                f"drive: pulse_s {self.pulse_s}, rate_hz {self.rate_hz}; write numbers of 0 or more (0: continuous)"
            )
        if self.rate_hz > 0.0 and self.pulse_s == 0.0:
            raise InputError(
                f"drive: rate_hz {self.rate_hz} without pulse_s; give the pulse's width, or leave out both"
            )
        if self.pulse_s * self.rate_hz > 1.0 + 1e-9:
            raise InputError(
                f"drive: pulse_s {self.pulse_s} is longer than the period {1.0 / self.rate_hz:.6g} s of rate_hz "
                f"{self.rate_hz}; shorten the pulse, lower the rate, or leave out both for a continuous lamp"
            )

    @property
    def duty(self) -> float:
        """Return the share of time that the lamp is on; 1 when continuous, 0 for a single pulse."""
        return min(self.pulse_s * self.rate_hz, 1.0) if self.pulse_s > 0.0 else 1.0

    @property
    def continuous(self) -> bool:
        """Return whether the light never goes off."""
        return self.duty > 1.0 - 1e-9


@dataclass(frozen=True)
class Case:
    """One exposure to be judged."""

    name: str
    """continuous, single pulse, pulses within 0.25 s, or time average."""
    duration_s: float
    share: float
    """Constant level over the duration, as a share of the level while on."""


def from_duty(pulse_s: float, duty: float) -> Drive:
    """Return the train of pulses of a width [s] that is on for a share of the time.

    Raises:
        InputError: the duty factor is not within 0 to 1.
    """
    if not 0.0 < duty <= 1.0:
        raise InputError(f"drive: duty {duty}; write a factor above 0 and up to 1 (10 % is 0.1)")
    if not pulse_s > 0.0:
        raise InputError(f"drive: pulse_s {pulse_s} with a duty of {duty}; give the pulse's width in seconds")
    return Drive(pulse_s, duty / pulse_s)


def cases(drive: Drive, duration_s: float) -> tuple[Case, ...]:
    """Return the exposures to judge for a stay of `duration_s`: single pulse and averages, each named."""
    if drive.continuous:
        return (Case("continuous", duration_s, 1.0),)
    single = Case("single pulse", drive.pulse_s, 1.0)
    if drive.rate_hz == 0.0:
        return (single, Case("time average", duration_s, min(drive.pulse_s / duration_s, 1.0)))
    pulses = math.ceil(GROUP_S * drive.rate_hz - 1e-9)
    found = [single]
    if pulses > 1 and drive.pulse_s < GROUP_S:
        found.append(Case(f"pulses within {GROUP_S:g} s", GROUP_S, min(pulses * drive.pulse_s / GROUP_S, 1.0)))
    return (*found, Case("time average", duration_s, average_share(drive, duration_s)))


def average_share(drive: Drive, duration_s: float) -> float:
    """Return the mean level over a stay as a share of the level while on, whole pulses counted from its start."""
    if drive.continuous:
        return 1.0
    pulses = max(math.ceil(duration_s * drive.rate_hz - 1e-9), 1)
    return min(pulses * drive.pulse_s / duration_s, 1.0)
