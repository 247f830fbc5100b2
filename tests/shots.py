"""A shot with one of everything, for tests of what becomes of it on a stage."""

from __future__ import annotations

from synthgen.world import shot as s

SENSOR = s.Sensor(
    model="imx264",
    resolution_px=(640, 480),
    pitch_m=3.45e-6,
    quantum_efficiency=(0.6, 0.7, 0.6, 0.2),
    saturation_e=10500.0,
    dark_noise_e=2.3,
    dark_current_e_s=1.0,
    gain_dn_e=0.024,
    roi_px=(900, 700, 640, 480),
    chip_px=(2448, 2048),
)
CAMERA = s.Camera(
    pose=s.Pose(position_m=(0.1, -0.2, 2.0), rotation_wxyz=(0.8, 0.6, 0.0, 0.0)),
    lens=s.Lens(focal_m=0.016, f_number=5.6, focus_m=1.5, k1=-0.1, k2=0.02, p1=1e-3, p2=-2e-3, k3=1e-4),
    sensor=SENSOR,
    exposure_s=50e-6,
    noise_seed=2**63 + 5,
)
LIGHTS = {
    "bar": s.Light(shape="rect", size_m=(0.6, 0.04), peak_power_w=200.0, pulse_s=50e-6, rate_hz=30.0),
    "spot": s.Light(
        shape="disk", radius_m=0.2, peak_power_w=90.0, spectrum="white_led", cone_angle_rad=0.9, cone_softness=0.3
    ),
    "bulb": s.Light(shape="sphere", radius_m=0.05, peak_power_w=8.0, spectrum="blackbody", cct_k=3000.0),
    "point": s.Light(shape="point", peak_power_w=10.0, spectrum="equal_energy"),
    "tube": s.Light(shape="cylinder", size_m=(1.2, 0.0), radius_m=0.013, peak_power_w=20.0, spectrum="white_led"),
    "sun": s.Light(shape="distant", irradiance_w_m2=500.0, spectrum="d65"),
    "sky": s.Light(shape="dome", irradiance_w_m2=10.0, spectrum="d65"),
}
CODE = s.Code(
    code_id="c1", symbology="code128", payload="ABC-12345", module_m=0.0004, position_m=(0.004, 0.006), height_m=0.02
)


def label(**changes: object) -> s.Label:
    """Return a label with one code on the front, turned a little."""
    fields = {
        "label_id": "main", "face": "front", "center_m": (0.01, -0.02), "angle_rad": 0.1, "size_m": (0.1, 0.07),
        "template": "plain", "codes": (CODE,),
    }  # fmt: skip
    return s.Label(**(fields | changes))  # pyright: ignore[reportArgumentType]


def carton(x_m: float = 0.0, **changes: object) -> s.Item:
    """Return a carton on the floor that moves along x."""
    fields = {
        "kind": "carton", "pose": s.Pose(position_m=(x_m, 0.5, 0.0)), "size_m": (0.3, 0.2, 0.15),
        "velocity_m_s": (1.2, 0.0, 0.0), "labels": (label(),), "look_seed": 7,
    }  # fmt: skip
    return s.Item(**(fields | changes))  # pyright: ignore[reportArgumentType]


def shot(**changes: object) -> s.Shot:
    """Return a shot with a camera, every kind of light, two baffles, two cartons and an eye zone."""
    fields = {
        "seed": 0,
        "split": "train",
        "index": 0,
        "world": s.World(warehouse=""),
        "cameras": {"top": CAMERA},
        "lights": LIGHTS,
        "baffles": {
            "hood": s.Baffle(pose=s.Pose(position_m=(0.0, 1.0, 1.0)), size_m=(0.6, 0.12), lip_m=0.03, role="hood"),
            "flat": s.Baffle(pose=s.Pose(), size_m=(0.1, 0.3)),
        },
        "items": {"one": carton(), "two": carton(0.6, tone=0.9, labels=(label(film="tape", ink="leuco"),))},
        "safety": s.Safety(zones={"walk": s.EyeZone(box_m=((-2.0, 1.0, 1.2), (2.0, 2.0, 1.9)))}),
    }
    return s.Shot(**(fields | changes))  # pyright: ignore[reportArgumentType]
