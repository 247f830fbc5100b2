"""The table of lamp shapes agrees with the kernels, with UsdLux and with what areas and powers are."""

from __future__ import annotations

import math

import pytest
from pxr import Usd

from synthgen.kernels import light_sampling, types
from synthgen.world import lamp_power, light_shapes
from synthgen.world.light_shapes import LIGHT_SHAPES, Sizes

SIZES = Sizes(width_m=0.3, height_m=0.2, radius_m=0.1, length_m=0.7)


@pytest.mark.parametrize("shape", LIGHT_SHAPES.values(), ids=lambda shape: shape.name)
def test_the_kernels_have_the_shape_under_its_number(shape):
    assert getattr(light_sampling, shape.name.upper()) == shape.kernel_code


def test_every_number_is_used_once():
    assert sorted(shape.kernel_code for shape in LIGHT_SHAPES.values()) == list(range(len(LIGHT_SHAPES)))
    assert (*light_shapes.FINITE, *light_shapes.ENDLESS) == tuple(LIGHT_SHAPES)


@pytest.mark.parametrize("shape", LIGHT_SHAPES.values(), ids=lambda shape: shape.name)
def test_usd_knows_the_types_and_the_fallbacks_of_their_sizes(shape):
    for usd_type in (shape.usd_type, *shape.usd_aliases):
        definition = Usd.SchemaRegistry().FindConcretePrimDefinition(usd_type)
        assert definition, usd_type
        for size in shape.usd_sizes:
            assert definition.GetAttributeFallbackValue(f"inputs:{size.usd_input}") == size.fallback
        if shape.usd_point:
            assert "treatAsPoint" in definition.GetPropertyNames()
        else:
            assert light_shapes.BY_USD_TYPE[usd_type] == shape.name


@pytest.mark.parametrize(
    ("name", "area_m2", "power_m2_sr"),
    [
        ("rect", 0.06, math.pi * 0.06),
        ("disk", math.pi * 0.01, math.pi**2 * 0.01),
        ("sphere", 4 * math.pi * 0.01, 4 * math.pi**2 * 0.01),
        ("cylinder", 2 * math.pi * 0.07, 2 * math.pi**2 * 0.07),
        ("point", 0.0, 4 * math.pi**2 * 0.01),
    ],
)
def test_an_unshaped_lamp_emits_pi_times_its_area(name, area_m2, power_m2_sr):
    assert LIGHT_SHAPES[name].emitting_m2(SIZES) == pytest.approx(area_m2)
    assert lamp_power.power_per_radiance_m2_sr(name, **vars(SIZES)) == pytest.approx(power_m2_sr)


@pytest.mark.parametrize("name", light_shapes.ENDLESS)
def test_endless_lamps_have_no_power(name):
    with pytest.raises(ValueError, match="no finite power"):
        lamp_power.power_per_radiance_m2_sr(name)


def test_texture_wraps_are_the_kernels_own_numbers():
    from synthgen.rendering import device_tables

    assert {name: getattr(types, name.upper()) for name in device_tables._WRAPS} == device_tables._WRAPS
