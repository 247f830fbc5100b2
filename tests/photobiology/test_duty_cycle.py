"""Pulses: which exposures follow from a drive, and which drives are refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.duty_cycle import Drive, cases, from_duty


def test_a_continuous_lamp_has_one_case():
    assert [(c.name, c.duration_s, c.share) for c in cases(Drive(), 100.0)] == [("continuous", 100.0, 1.0)]


def test_a_train_is_judged_by_pulse_group_and_average():
    single, group, average = cases(Drive(50e-6, 30.0), 30000.0)
    assert (single.name, single.duration_s, single.share) == ("single pulse", 50e-6, 1.0)
    # 30 Hz: at most 8 pulses begin within 0.25 s (7.5 rounded up)
    assert (group.name, group.duration_s) == ("pulses within 0.25 s", 0.25)
    assert group.share == pytest.approx(8 * 50e-6 / 0.25)
    assert (average.name, average.share) == ("time average", pytest.approx(50e-6 * 30.0))


def test_slow_pulses_have_no_group_and_one_pulse_no_rate():
    assert [c.name for c in cases(Drive(1e-3, 2.0), 10.0)] == ["single pulse", "time average"]
    assert [c.share for c in cases(Drive(1e-3), 10.0)] == [1.0, pytest.approx(1e-4)]


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-6, 1.0), st.floats(0.0, 1.0), st.floats(0.1, 3e4))
def test_shares_lie_between_duty_and_one(pulse_s, duty, duration_s):
    drive = from_duty(pulse_s, max(duty, 1e-6))
    for case in cases(drive, duration_s):
        assert drive.duty * (1.0 - 1e-9) <= case.share <= 1.0


def test_a_pulse_as_long_as_its_period_is_continuous():
    assert Drive(0.02, 50.0).continuous
    assert not Drive(0.0199, 50.0).continuous


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Drive(-1.0), "0 or more"),
        (lambda: Drive(1e-3, -1.0), "0 or more"),
        (lambda: Drive(math.nan), "0 or more"),
        (lambda: Drive(0.0, 30.0), "without pulse_s"),
        (lambda: Drive(0.05, 30.0), "longer than the period"),
        (lambda: from_duty(1e-3, -0.1), "10 % is 0.1"),
        (lambda: from_duty(1e-3, 10.0), "10 % is 0.1"),
        (lambda: from_duty(0.0, 0.1), "width in seconds"),
    ],
)
def test_impossible_drives_are_refused(make, names):
    with pytest.raises(InputError, match=names):
        make()
