"""The ranges of every number of a recipe: what is usual, and what cannot be.

A row is (path, unit, usual from, usual to, least, most, why). The path is the one of a recipe with SI names, where *
stands for any name; entries of the list of randomizers are `randomize.<class>.<field>`. The first row that fits holds.
Limits stand in the unit that people use. Inside the usual range nothing is said; outside, `check` warns, for the number
is most often a slip of a unit; outside `least` and `most` a recipe is refused. 0 is
never warned of: it is no slip of a unit.

References:
    EMVA 1288 R4.0: sensors. GS1 General Specifications 5.12 (symbol specification tables): X-dimensions 0.150 mm to
    1.016 mm. ISO/IEC 15416, 15415: print quality. CIE 015: visible light 380-780 nm. IEC 62471:2006, 4.3: exposure
    durations up to 30 000 s. EN 13698-1: EUR pallets 1200 x 800 mm. ISO 668: containers. IEEE 754: float32 has 24 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from synthgen import units

_FAR = "float32 tells points 1 mm apart up to 10 km from the origin"
_HALL = "halls are some 100 m long"
_GOODS = "goods are handled by people and trucks, a container is 12 m long (ISO 668)"
_SHARE = "a share of a whole"
_COUNT = "a shot with more is not traced in any useful time"
_TURN = "a full turn is 360 deg"
_FACTOR = "a factor on what is declared"
_SENSOR = "EMVA 1288 data sheets of industrial cameras"
_LENS = "catalogues of lenses for machine vision"
_LAMP = "bars, domes and high bays on the market"
_TIME = "no event of a shot lasts an hour"


@dataclass(frozen=True)
class Range:
    """What is usual and what is possible of one number, in `unit`."""

    path: str
    unit: str
    """As a message shows it, "" for a plain number."""
    low: float
    high: float
    least: float
    most: float
    why: str

    @property
    def factor(self) -> float:
        """Return the SI value of 1 `unit`, for units that a recipe may spell; else 1."""
        return _FACTORS.get(self.unit, 1.0)


_FACTORS = {
    unit: factor
    for si in ("m", "s", "rad", "w", "hz", "kg", "m_s", "nm")
    for name, factor in units.spellings(f"x_{si}").items()
    for unit in (name.removeprefix("x_"),)
    if not (si == "nm" and unit == "um")
} | {"W": 1.0, "mW": 1e-3, "m/s": 1.0, "Hz": 1.0}

_ROWS: tuple[tuple[str, str, float, float, float, float, str], ...] = (
    ("version", "", 1, 1, 1, 1, "the language of this program"),
    ("seed", "", 0, 2**63 - 1, 0, 2**63 - 1, "a seed is a signed number of 64 bits"),
    # cameras
    ("cameras.*.lens.focal_m", "mm", 2, 600, 1e-3, 100_000, f"{_LENS}; below 1 um is no lens for light"),
    ("*.f_number", "", 0.9, 32, 0.5, 128, "f/0.5 is the limit in air; above f/32 all is diffraction"),
    ("cameras.*.lens.focus_m", "m", 0.02, 100, 0, 10_000, _LENS),
    ("cameras.*.lens.transmission", "", 0.4, 1, 0, 1, _SHARE),
    ("*.k[123]", "", -1, 1, -100, 100, "calibrations of ordinary lenses (OpenCV's model)"),
    ("*.p[12]", "", -0.05, 0.05, -10, 10, "decentring is a hundredth (OpenCV's model)"),
    ("cameras.*.sensor.resolution_px", "px", 64, 20_000, 1, 65_536, "area sensors have up to some 20 000 px a side"),
    ("cameras.*.sensor.pitch_m", "um", 1, 30, 0.1, 1_000, "smaller than a wavelength resolves nothing more"),
    ("cameras.*.sensor.quantum_efficiency", "", 0.01, 0.98, 0, 1, "electrons a photon, EMVA 1288"),
    ("cameras.*.sensor.saturation_e", "e-", 1_000, 1e6, 1, 1e9, _SENSOR),
    ("cameras.*.sensor.dark_noise_e", "e-", 0.2, 200, 0, 1e6, _SENSOR),
    ("cameras.*.sensor.dark_current_e_s", "e-/s", 1e-3, 1e5, 0, 1e9, _SENSOR),
    ("cameras.*.sensor.gain_dn_e", "DN/e-", 1e-4, 100, 1e-9, 1e6, _SENSOR),
    ("cameras.*.sensor.black_level_dn", "DN", 0, 1_024, 0, 65_535, "digital numbers have at most 16 bits"),
    ("cameras.*.roi_px", "px", 8, 20_000, 0, 65_536, "area sensors have up to some 20 000 px a side"),
    ("cameras.*.binning", "", 1, 4, 1, 8, _SENSOR),
    ("cameras.*.bits", "", 8, 16, 1, 16, "converters of cameras have 8 to 16 bits"),
    ("cameras.*.gain_db", "dB", -12, 48, -60, 120, _SENSOR),
    ("*.exposure_s", "ms", 1e-3, 2_000, 1e-6, 3.6e6, "shutters of industrial cameras run from 1 us to seconds"),
    ("cameras.*.exposure.auto", "", 0.01, 0.95, 0, 1, "a share of saturation"),
    # places
    ("[!r]*.position_m", "m", -100, 100, -10_000, 10_000, f"{_HALL}; {_FAR}"),
    ("[!r]*.look_at_m", "m", -100, 100, -10_000, 10_000, f"{_HALL}; {_FAR}"),
    ("[!r]*.offset_m", "m", -5, 5, -10_000, 10_000, "a bracket is shorter than 5 m"),
    ("[!r]*.region_m", "m", -100, 100, -10_000, 10_000, f"{_HALL}; {_FAR}"),
    ("[!r]*.box_m", "m", -100, 100, -10_000, 10_000, f"{_HALL}; {_FAR}"),
    ("*.up", "", -1_000, 1_000, -1e6, 1e6, "a direction; its length says nothing"),
    ("*.normal", "", -1_000, 1_000, -1e6, 1e6, "a direction; its length says nothing"),
    ("*.along", "", -1_000, 1_000, -1e6, 1e6, "a direction; its length says nothing"),
    # lamps
    ("lights.*.size_m", "mm", 1, 6_000, 1e-3, 100_000, _LAMP),
    ("*.radius_m", "mm", 0.5, 2_000, 1e-3, 100_000, _LAMP),
    ("*.peak_power_w", "W", 1e-4, 5_000, 0, 1e6, f"{_LAMP}; strobed bars reach kilowatts"),
    ("*.flux_lm", "lm", 1, 500_000, 0, 6.83e8, f"{_LAMP}; 1 MW is at most 683 Mlm (CIE 018)"),
    ("*.irradiance_w_m2", "W/m2", 1e-4, 1_500, 0, 1e6, "the sun above the air gives 1361 W/m2"),
    ("*_lux", "lx", 0.1, 130_000, 0, 6.83e8, "full sun gives some 100 000 lx"),
    ("*.peak_nm", "nm", 350, 1_000, 200, 3_000, "silicon sees 350 to 1000 nm"),
    ("*.fwhm_nm", "nm", 1, 150, 1, 500, "LEDs are 10 to 60 nm wide, phosphors 150 nm"),
    ("*.cct_k", "K", 1_800, 20_000, 1_000, 25_000, "candle light to blue sky (CIE 015)"),
    ("*.pulse_s", "us", 0.1, 1e5, 0, 3.6e9, f"strobes flash 1 us to 100 ms; {_TIME}"),
    ("*.rate_hz", "Hz", 0.1, 50_000, 0, 1e9, "line-scan strobes reach 50 kHz"),
    ("*.delay_s", "us", 0.01, 1e5, 0, 3.6e9, _TIME),
    ("*.cone_angle_rad", "deg", 1, 180, 0, 180, "half a cone; 180 deg cuts nothing off"),
    ("*.cone_softness", "", 0, 1, 0, 1, _SHARE),
    ("lights.*.focus", "", 0, 200, 0, 10_000, "cos^200 falls to half within 5 deg"),
    # sheets
    ("baffles.*.size_m", "mm", 5, 10_000, 1e-2, 100_000, "sheet metal comes in up to 6 m"),
    ("baffles.*.lip_m", "mm", 0.5, 500, 0, 100_000, "sheet metal comes in up to 6 m"),
    ("baffles.*.thickness_m", "mm", 0.05, 50, 1e-3, 10_000, "sheets and boards"),
    # items
    ("*.module_m", "mm", 0.1, 12, 1e-4, 10_000, "GS1 tables end at 1.016 mm; placards are larger"),
    ("items.*.labels.*.codes.height_m", "mm", 1, 500, 0, 10_000, "bars are 2 mm to 100 mm high (GS1, ITF-14 32 mm)"),
    ("items.*.labels.*.codes.quarter_turns", "", 0, 3, 0, 3, "4 quarter turns are none"),
    ("items.*.labels.*.size_m", "mm", 3, 2_000, 0.01, 100_000, "labels come up to A3, placards to 2 m"),
    ("items.*.labels.*.center_m", "mm", -6_000, 6_000, -1e7, 1e7, _GOODS),
    ("*.smear_m", "mm", 1e-3, 50, 0, 1_000, "a smear is shorter than its label"),
    ("*.print_growth_x", "", -0.9, 0.9, -10, 10, "one module of growth fills every space"),
    ("*.dead_lines", "", 0, 100, 0, 10_000, "dots of a print head"),
    ("*.scratches", "", 0, 200, 0, 10_000, _COUNT),
    ("*.crease", "", 0, 50, 0, 10_000, _COUNT),
    ("items.*.size_m", "mm", 0.02, 15_000, 0, 1e6, _GOODS),
    ("*.velocity_m_s", "m/s", -15, 15, -1_000, 1_000, "sorters reach 3 m/s, trucks 5 m/s"),
    ("*.tone", "", 0.2, 5, 1e-3, 1_000, "a factor on a reflectance, which is below 1"),
    # the scene
    ("scene.clutter.count", "", 0, 300, 0, 10_000, _COUNT),
    ("scene.clutter.size_m", "mm", 5, 20_000, 0, 1e6, _GOODS),
    ("scene.belt_speed_m_s", "m/s", 0.01, 6, 0, 100, "parcel conveyors run at 0.3 to 3 m/s"),
    ("scene.belt_top_m", "m", 0.1, 4, 0, 100, "belts are 0.5 to 1 m high, mezzanines 4 m"),
    ("scene.belt_width_m", "m", 0.15, 3, 0.01, 100, "belts are 0.3 to 1.5 m wide"),
    ("scene.table_top_m", "m", 0.2, 2, 0, 100, "tables are 0.7 to 1.1 m high"),
    ("scene.board_thickness_m", "mm", 0.5, 60, 0, 1_000, "boards"),
    ("scene.*_thickness_m", "m", 0.02, 2, 0, 100, "walls"),
    ("scene.profile_m", "m", 0.02, 0.3, 0.001, 10, "aluminium profiles are 30 to 160 mm wide"),
    ("scene.roller_diameter_m", "m", 0.01, 0.3, 0.001, 10, "rollers are 20 to 90 mm thick"),
    ("scene.roller_pitch_m", "m", 0.02, 1, 0.01, 10, "rollers stand 50 to 200 mm apart"),
    ("scene.beam_depth_m", "m", 0.02, 0.5, 0.001, 10, "beams of pallet racks (EN 15512)"),
    ("scene.beam_height_m", "m", 0.04, 0.4, 0.001, 10, "beams of pallet racks (EN 15512)"),
    ("scene.upright_width_m", "m", 0.04, 0.4, 0.001, 10, "uprights of pallet racks (EN 15512)"),
    ("scene.back_gap_m", "m", 0.01, 3, 0, 100, "racks stand back to back"),
    ("scene.label_height_m", "m", 0.01, 1, 0, 10, "labels of beams"),
    ("scene.guard_height_m", "m", 0.01, 2, 0, 10, "side guards of belts"),
    ("scene.frame_height_m", "m", 0.02, 2, 0, 10, "frames of belts"),
    ("scene.door_number", "", 0, 999, 0, 9_999, "the sign has room for 4 digits"),
    ("scene.bays", "", 1, 100, 1, 1_000, _COUNT),
    ("scene.levels", "", 1, 20, 1, 100, "racks reach 45 m"),
    ("scene.empty_share", "", 0, 1, 0, 1, _SHARE),
    ("scene.deck", "", 0, 1, 0, 1, "0 or 1"),
    ("scene.curtain", "", 0, 1, 0, 1, "0 or 1"),
    ("scene.racks", "", 0, 1, 0, 1, "0 or 1"),
    ("scene.trailer", "", 0, 1, 0, 1, "0 or 1"),
    ("scene.*_m", "m", 0.1, 60, 0, 1_000, _HALL),
    ("scene.*_m_s", "m/s", 0.01, 6, 0, 100, "conveyors run at 0.3 to 3 m/s"),
    # safety and data
    ("safety.duration_s", "s", 1e-3, 30_000, 1e-9, 1e6, "IEC 62471 asks for at most 30 000 s, a working day"),
    ("safety.zones.*.duration_s", "s", 1e-3, 30_000, 1e-9, 1e6, "IEC 62471 asks for at most 30 000 s, a working day"),
    ("safety.zones.*.duration_s", "s", 1e-3, 30_000, 0, 1e6, "IEC 62471 asks for at most 30 000 s, a working day"),
    ("safety.max_ratio", "", 1e-3, 1_000, 1e-9, 1e9, "level over limit; 1 is the limit"),
    ("dataset.splits.*", "", 1e-6, 1e9, 1e-9, 1e12, "shares of 1, or counts of shots"),
    ("dataset.samples_per_shard", "", 1, 10_000, 1, 1_000_000, "a shard has some 10 MB to 1 GB"),
    # randomizers
    ("randomize.*.length_sigma", "", 0.01, 1.5, 0, 10, "of the logarithm of a length: 1.5 is a factor of 4"),
    ("randomize.*.module_px", "px", 0.3, 100, 0.01, 10_000, "below a third of a pixel nothing is left"),
    ("randomize.*.fill", "", 0.05, 10, 1e-3, 1_000, "lengths in images"),
    ("randomize.*.aspect", "", 0.02, 50, 1e-3, 1_000, "height over width"),
    ("randomize.*.max_incidence_rad", "deg", 1, 90, 0, 90, "a surface is seen aslant up to 90 deg"),
    ("randomize.*.level", "", 0, 1, 0, 1, _SHARE),
    ("randomize.*.remaining", "", 0, 1, 0, 1, _SHARE),
    *((f"*.{name}", "", 0, 1, 0, 1, _SHARE) for name in ("fade", "dirt", "tear", "share", "void_share")),
    *(
        (f"randomize.*.{name}", "", 0, 1, 0, 1, _SHARE)
        for name in ("askew", "printed", "direct_thermal", "second_code", "wrapped", "loose", "missing")
    ),
    ("randomize.*.width_share", "", 0.02, 5, 1e-3, 100, "of a length"),
    ("randomize.*.height_share", "", 0.02, 5, 1e-3, 100, "of a length"),
    ("randomize.*_share", "", 0, 1, 0, 1, _SHARE),
    ("randomize.*_scale", "", 0.2, 5, 1e-6, 1_000, _FACTOR),
    ("randomize.*.factor", "", 0.01, 100, 0, 1e6, _FACTOR),
    ("randomize.*.spread", "", 0, 3, 0, 1_000, _FACTOR),
    ("randomize.*.quarter_turns", "", 0, 3, 0, 3, "4 quarter turns are none"),
    ("randomize.*.sides", "", 1, 4, 0, 4, "a box has 4 sides"),
    ("randomize.*.layers", "", 1, 20, 0, 100, "layers of goods on a pallet"),
    ("randomize.*.beams", "", 0, 20, 0, 100, "levels of a rack"),
    ("randomize.*.trailer_rows", "", 0, 20, 0, 100, "a trailer holds 11 to 17 rows of pallets"),
    ("randomize.*.positions", "", 0, 20, 0, 1_000, "labels a beam"),
    ("randomize.*.lamps", "", 0, 10_000, 0, 10_000, _COUNT),
    ("randomize.*.count", "", 0, 300, 0, 10_000, _COUNT),
    ("randomize.*_m", "mm", -30_000, 30_000, -1e7, 1e7, f"{_GOODS}; {_FAR}"),
    # by their unit alone
    ("*_rad", "deg", -360, 360, -360, 360, _TURN),
    ("*_m_s", "m/s", -15, 15, -1_000, 1_000, "sorters reach 3 m/s, trucks 5 m/s"),
    ("*_e_s", "e-/s", -1e9, 1e9, -1e12, 1e12, _SENSOR),
    ("*_m", "m", -100, 100, -10_000, 10_000, f"{_HALL}; {_FAR}"),
    ("*_s", "s", -1e5, 1e5, -1e9, 1e9, _TIME),
    ("*_w", "W", -5_000, 5_000, -1e6, 1e6, _LAMP),
    ("*_hz", "Hz", -1e6, 1e6, -1e9, 1e9, "strobes"),
    ("*_nm", "nm", -3_000, 3_000, -1e6, 1e6, "light"),
    ("*_kg", "kg", -40_000, 40_000, -1e9, 1e9, "a truck weighs 40 t"),
    ("*", "", -1e12, 1e12, -1e12, 1e12, "sums of squares stay finite in float64"),
)
RANGES = tuple(Range(*row) for row in _ROWS)
"""Every row; the first whose path fits a number holds for it."""


@lru_cache(maxsize=4096)
def range_of(path: str) -> Range:
    """Return the range of a number by its path in SI names, without positions in lists.

    >>> range_of("cameras.top.lens.focal_m").unit, range_of("randomize.carton_labels.module_m").high
    ('mm', 12)
    """
    return next(row for row in RANGES if fnmatchcase(path, row.path))
