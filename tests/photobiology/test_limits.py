"""Exposure limits: hand-computed values, then continuity and monotonicity except for the jumps that are documented."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology import limits
from synthgen.photobiology.editions import EDITIONS, EU, HAZARDS, ICNIRP, IEC
from synthgen.photobiology.limit_tables import LAWS
from synthgen.world import spectra

# Where a limit jumps as duration passes a joint, as docs/eye-safety.md lists: limit after / limit before
JUMPS = {
    (IEC, "ir-eye", 1000.0): 100.0 / (18000.0 * 1000.0**-0.75),  # 0.988
    (ICNIRP, "ir-eye", 1000.0): 100.0 / (18000.0 * 1000.0**-0.75),
    (EU, "ir-eye", 1000.0): 100.0 / (18000.0 * 1000.0**-0.75),
    (ICNIRP, "retinal-thermal", 1e-6): 2e4 * 1e-6**0.75 / 0.63,  # 1.004
    (ICNIRP, "retinal-thermal", 0.25): 2.8e4 / (2e4 * 0.25**-0.25),  # 0.990
    (ICNIRP, "retinal-thermal-weak", 1e-6): 2e4 * 1e-6**0.75 / 0.63,
    (ICNIRP, "retinal-thermal-weak", 100.0): 6300.0 / (2e4 * 100.0**-0.25),  # 0.996
    (EU, "retinal-thermal", 1e-5): 5e4 * 1e-5**-0.25 / 8.89e5,  # 1.0002
    (EU, "retinal-thermal", 10.0): 2.8e4 / (5e4 * 10.0**-0.25),  # 0.996
    (EU, "retinal-thermal-weak", 1e-5): 5e4 * 1e-5**-0.25 / 8.89e5,
    (EU, "retinal-thermal-weak", 10.0): 6e3 / (5e4 * 10.0**-0.25),  # 0.213
}
DURATIONS_S = st.floats(-9.0, 6.0).map(lambda exponent: 10.0**exponent)


def _level(hazard, edition, duration_s, alpha_rad=0.05):
    return limits.limit(hazard, edition, duration_s, _alpha(hazard, alpha_rad)).limit


def _alpha(hazard, alpha_rad):
    return alpha_rad if hazard.startswith("retinal") else None


@pytest.mark.parametrize(
    ("hazard", "edition", "duration_s", "alpha_rad", "expected"),
    [
        ("actinic-uv", IEC, 30000.0, None, 30.0 / 30000.0),  # 0.001 W/m2 over 8 h
        ("actinic-uv", EU, 60.0, None, 0.5),
        ("uva", IEC, 100.0, None, 100.0),  # 1e4 J/m2
        ("uva", IEC, 20000.0, None, 10.0),
        ("uva", EU, 20000.0, None, 0.5),  # no relaxation: 1e4 / 2e4
        ("uva", ICNIRP, 20000.0, None, 0.5),
        ("blue-light", IEC, 100.0, None, 1e4),  # 1e6 / 100
        ("blue-light", IEC, 30000.0, None, 100.0),
        ("blue-light-small", IEC, 0.25, None, 400.0),  # 100 / 0.25
        ("blue-light-small", IEC, 30000.0, None, 1.0),
        ("blue-light-small", EU, 30000.0, None, 0.01),  # the small-source trap
        ("blue-light-small", EU, 1000.0, None, 0.1),
        ("retinal-thermal", IEC, 0.25, 0.01, 50000.0 / (0.01 * 0.25**0.25)),  # 7.071e6
        ("retinal-thermal", IEC, 100.0, 0.1, 281170.66),  # 5e5 / 10^0.25
        ("retinal-thermal", IEC, 1e-6, 0.1, 8891397.05),  # 5e5 / (1e-5)^0.25
        ("retinal-thermal", ICNIRP, 1e-3, 0.1, 17.78e6),  # large source: alpha_max(1 ms) = 6.32 mrad
        ("retinal-thermal", IEC, 1e-3, 0.1, 2.812e6),
        ("retinal-thermal", EU, 100.0, 0.1, 280000.0),  # 2.8e7 / 100 mrad
        ("retinal-thermal-weak", IEC, 1000.0, 0.1, 60000.0),
        ("retinal-thermal-weak", IEC, 1000.0, 0.001, 6000.0 / 0.011),
        ("retinal-thermal-weak", ICNIRP, 1000.0, 0.1, 63000.0),
        ("ir-eye", IEC, 10.0, None, 3200.9),  # 18000 / 10^0.75
        ("ir-eye", IEC, 5000.0, None, 100.0),
        ("skin-thermal", IEC, 1.0, None, 20000.0),
    ],
)
def test_hand_computed_limits(hazard, edition, duration_s, alpha_rad, expected):
    assert limits.limit(hazard, edition, duration_s, alpha_rad).limit == pytest.approx(expected, rel=1e-3)


def test_alpha_is_clipped_but_reported_as_measured():
    small = limits.limit("retinal-thermal", IEC, 1.0, 1e-4)
    assert (small.alpha_rad, small.alpha_clipped_rad) == (1e-4, 0.0017)
    assert limits.limit("retinal-thermal", IEC, 1.0, 0.5).alpha_clipped_rad == 0.1
    assert limits.limit("retinal-thermal", ICNIRP, 1.0, 1e-4).alpha_clipped_rad == 0.0015
    assert limits.limit("retinal-thermal-weak", IEC, 100.0, 1e-4).alpha_clipped_rad == 0.011


def test_the_limit_does_not_change_with_wavelength():
    plain = limits.limit("blue-light", IEC, 100.0)
    blue = limits.limit("blue-light", IEC, 100.0, wavelength_nm=450.0)
    infrared = limits.limit("blue-light", IEC, 100.0, wavelength_nm=850.0)
    assert plain.limit == blue.limit == infrared.limit
    assert (plain.weight, blue.weight, infrared.weight) == (None, 0.94, 0.0)
    assert "does not count" in infrared.reason


@pytest.mark.parametrize(
    ("hazard", "edition", "duration_s", "alpha_rad", "why"),
    [
        ("retinal-thermal-weak", IEC, 10.0, 0.05, "retinal thermal limit holds"),
        ("skin-thermal", IEC, 10.0, None, "no limit is given"),
        ("blue-light-small", IEC, 100.0, 0.011, "use blue-light"),
        ("blue-light", ICNIRP, 0.1, None, "retinal thermal"),
    ],
)
def test_outside_its_domain_a_hazard_has_no_limit(hazard, edition, duration_s, alpha_rad, why):
    found = limits.limit(hazard, edition, duration_s, alpha_rad)
    assert (found.limit, found.dose_limit, found.applicable) == (None, None, False)
    assert why in found.reason


def test_json_has_the_fields_of_the_contract():
    found = limits.limit("retinal-thermal", IEC, 0.1, 0.02, 850.0).to_json()
    for key in ("hazard", "edition", "applicable", "limit", "unit", "dose_limit", "dose_unit", "weight", "clause",
                "duration_s", "alpha_rad", "averaging_angle_rad", "evidence"):  # fmt: skip
        assert key in found
    assert found["unit"] == "W/(m2 sr)"
    assert found["dose_limit"] == pytest.approx(found["limit"] * 0.1)
    assert found["weight"] == pytest.approx(10.0 ** ((700.0 - 850.0) / 500.0), rel=1e-6)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("hazard", HAZARDS)
def test_limits_are_continuous_at_their_joints_but_for_the_documented_jumps(hazard, edition):
    for row in LAWS[edition][hazard].rows[:-1]:
        before = _level(hazard, edition, row.until_s * (1.0 - 1e-12))
        after = _level(hazard, edition, row.until_s * (1.0 + 1e-12))
        if before is None or after is None:
            continue  # the hazard begins or ends here: documented
        expected = JUMPS.get((edition, hazard, row.until_s), 1.0)
        assert after / before == pytest.approx(expected, rel=1e-9), row.until_s


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EDITIONS), st.sampled_from(HAZARDS), DURATIONS_S, st.floats(1.0, 100.0))
def test_longer_exposures_never_allow_more(edition, hazard, duration_s, longer):
    shorter, later = _level(hazard, edition, duration_s), _level(hazard, edition, duration_s * longer)
    assume(shorter is not None and later is not None)
    jump = max([1.0, *(up for (e, h, _), up in JUMPS.items() if (e, h) == (edition, hazard))])
    assert later <= shorter * jump * (1.0 + 1e-9)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EDITIONS), st.sampled_from(HAZARDS), DURATIONS_S, st.floats(1.0, 10.0))
def test_longer_exposures_never_allow_a_smaller_dose(edition, hazard, duration_s, longer):
    assume(duration_s * longer <= 30000.0)
    alpha = _alpha(hazard, 0.05)
    first = limits.limit(hazard, edition, duration_s, alpha).dose_limit
    second = limits.limit(hazard, edition, duration_s * longer, alpha).dose_limit
    assume(first is not None and second is not None)
    crossed = [
        down
        for (e, h, at), down in JUMPS.items()
        if (e, h) == (edition, hazard) and duration_s <= at <= duration_s * longer
    ]
    assert second >= first * min([1.0, *crossed]) * (1.0 - 1e-9)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(EDITIONS),
    st.sampled_from(["retinal-thermal", "retinal-thermal-weak"]),
    DURATIONS_S,
    st.floats(1e-4, 0.2),
)
def test_larger_sources_are_allowed_less_radiance_and_alpha_has_no_jump(edition, hazard, duration_s, alpha_rad):
    here, there = (_level(hazard, edition, duration_s, a) for a in (alpha_rad, alpha_rad * (1.0 + 1e-9)))
    assume(here is not None)
    assert here >= there >= here * (1.0 - 2e-9)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EDITIONS), st.sampled_from(limits.IRRADIANCE_HAZARDS), st.floats(-3.0, 7.0))
def test_permissible_time_is_the_last_that_keeps_the_limit(edition, hazard, exponent):
    level = 10.0**exponent
    time_s = limits.permissible_s(hazard, edition, lambda _: level)
    if math.isinf(time_s):
        assert level <= _level(hazard, edition, 1e9) * (1.0 + 2e-12)  # permissible_s allows 1e-12 of rounding
    else:
        held, broken = _level(hazard, edition, max(time_s, 1e-9)), _level(hazard, edition, max(time_s, 1e-9) * 1.0001)
        assert time_s == 0.0 or held is None or level <= held * (1.0 + 1e-9)
        assert broken is not None and level > broken * (1.0 - 1e-9)


def test_permissible_times_of_the_closed_forms():
    def time_s(hazard, level, alpha_rad=None):
        return limits.permissible_s(hazard, IEC, lambda _: level, (lambda _: alpha_rad) if alpha_rad else None)

    assert time_s("actinic-uv", 0.01) == pytest.approx(30.0 / 0.01)
    assert time_s("uva", 50.0) == pytest.approx(1e4 / 50.0)
    assert time_s("uva", 10.0) == math.inf
    assert time_s("blue-light-small", 4.0) == pytest.approx(25.0)
    assert time_s("ir-eye", 200.0) == pytest.approx((18000.0 / 200.0) ** (4.0 / 3.0))  # 403 s
    assert time_s("retinal-thermal", 1e7, 0.01) == pytest.approx((5e4 / (0.01 * 1e7)) ** 4)  # 62.5 ms
    assert time_s("retinal-thermal", 2.8e6, 0.01) == math.inf
    assert time_s("retinal-thermal", 1e9, 0.01) == 0.0


def test_the_hazard_map_gets_four_limits_and_four_fractions_in_one_order():
    hazards = limits.irradiance_hazards(IEC, 30000.0)
    assert tuple(h.name for h in hazards) == limits.IRRADIANCE_HAZARDS
    assert [h.limit_w_m2 for h in hazards] == pytest.approx([0.001, 10.0, 1.0, 100.0])
    fractions = limits.hazard_fractions(spectra.led(850.0, 30.0), IEC)
    assert tuple(fractions) == limits.IRRADIANCE_HAZARDS
    assert fractions["ir-eye"] == pytest.approx(1.0, abs=1e-4)
    assert fractions["blue-light-small"] == 0.0
    assert limits.irradiance_hazards(ICNIRP, 0.1)[2].limit_w_m2 == math.inf


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("blue", IEC, 1.0), "did you mean blue-light"),
        (("uva", "iec62471-2008", 1.0), "iec62471-2006"),
        (("uva", IEC, 0.0), "positive"),
        (("uva", IEC, -1.0), "positive"),
        (("uva", IEC, math.nan), "positive"),
        (("retinal-thermal", IEC, 1.0), "alpha_rad is missing"),
        (("retinal-thermal", IEC, 1.0, 11.0), "radians"),
        (("uva", IEC, 1.0, None, -5.0), "nanometres"),
    ],
)
def test_wrong_input_is_refused_with_the_remedy(arguments, names):
    with pytest.raises(InputError, match=names):
        limits.limit(*arguments)
