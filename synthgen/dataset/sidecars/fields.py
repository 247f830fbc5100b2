"""What a sample consists of, as one table: names, types, shapes, units, meaning (docs/contract.md sections 1, 5 and 6).

The features of the dataset card, the columns of the Parquet files and the fields of `croissant.json` follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from synthgen.world import maps


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of the JSON, or a list or group of them."""

    name: str
    type: str = ""
    """bool, int64, float64 or string; "" for a group."""
    unit: str = ""
    text: str = ""
    shape: tuple[int | None, ...] = ()
    """Lengths of the lists around the value, outermost first; None where they vary."""
    parts: tuple[Field, ...] = ()


def _numbers(unit: str, text: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, type="float64", unit=unit, text=text) for name in names)


def _whole(text: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, type="int64", text=text) for name in names)


def _texts(text: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, type="string", text=text) for name in names)


def _truths(text: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, type="bool", text=text) for name in names)


def _lists(shape: tuple[int | None, ...], unit: str, text: str, *names: str) -> tuple[Field, ...]:
    return tuple(replace(one, shape=shape) for one in _numbers(unit, text, *names))


CODE = (
    *_whole("number of the annotation, unique in the data set", "id"),
    *_whole("the sample's image_id", "image_id"),
    *_whole("place of the symbology in alphabetical order, from 1", "category_id"),
    *_lists((4,), "px", "x, y, width, height of what is seen of the code", "bbox"),
    *_numbers("px²", "what is seen of the code", "area"),
    *_whole("always 0 (COCO)", "iscrowd"),
    *_lists((None, None), "px", "quad_visible_px as COCO writes polygons", "segmentation"),
    *_lists((12,), "px", "x, y, v of the corners TL, TR, BR, BL; v: 0 outside, 1 hidden, 2 seen", "keypoints"),
    *_whole("corners inside the image", "num_keypoints"),
    *_texts("the code, the same in every view of it", "code_id"),
    *_texts("how it was written", "symbology"),
    *_texts("what was written", "payload"),
    *_lists((4, 2), "px", "TL, TR, BR, BL of the symbol as printed, outer edge of its modules", "quad_px"),
    *_lists((None, 2), "px", "the quad cut to the image", "quad_visible_px"),
    *_lists((4,), "px", "x, y, width, height around the whole quad", "bbox_amodal"),
    *_numbers("1", "share of the code's area that is seen", "visible_fraction"),
    *_truths("whether a corner is outside the image", "truncated"),
    *_numbers("px", "a module's size at the coarsest corner", "module_px_min"),
    *_numbers("px", "a module's size, mean of the corners (BarBeR's PPE)", "module_px_mean"),
    *_numbers("deg", "angle between the view and the code's normal", "incidence_deg"),
    *_numbers("m", "from the camera to the code's centre", "distance_m"),
    *_numbers("W/m²", "mean irradiance on what is seen of the code", "irradiance_w_m2"),
    *_numbers("1", "light minus dark over the noise of the paper", "snr"),
    *_numbers("1", "light minus dark, share of full scale", "contrast"),
    *_numbers("px", "blur of the lens, standard deviation", "psf_px"),
    *_numbers("px", "motion while it is exposed", "motion_px"),
    *_truths("whether zxing-cpp reads the plain crop", "decoded"),
    *_truths("whether it reads the crop rectified by the known homography", "decoded_rectified"),
    *_texts('what was read, "" for nothing', "decoded_text"),
    *_numbers("1", "predicted probability that it is read", "decodability"),
    *_texts("readable, or why it is not", "reason"),
)
"""An annotation: one code in one view."""

CAMERA = (
    *_texts("the camera's name in the recipe", "name"),
    *_lists((3, 3), "px", "pinhole matrix; origin at the corner of the first pixel, centres at +0.5", "K"),
    *_lists((3, 3), "px", "the same for OpenCV: cx, cy - 0.5", "K_opencv"),
    *_lists((5,), "1", "k1, k2, p1, p2, k3", "dist"),
    *_lists((4, 4), "m", "column vectors, OpenCV axes: x right, y down, z forward", "world_from_camera"),
    replace(_whole("width, height [px]", "resolution_px")[0], shape=(2,), unit="px"),
    *_texts("sensor model", "sensor"),
    *_numbers("m", "pixel pitch", "pitch_m"),
    *_numbers("m", "focal length", "focal_m"),
    *_numbers("1", "f-number", "f_number"),
    *_numbers("m", "distance that is in focus", "focus_m"),
)

EXPOSURE = (
    *_numbers("s", "exposure time", "exposure_s"),
    *_truths("whether the camera chose it", "auto"),
    *_numbers("DN/e", "system gain", "gain_dn_e"),
    *_numbers("DN", "black level", "black_level_dn"),
    *_whole("bits of the sensor's numbers; the png has the upper 8", "bits"),
    *_numbers("1", "share of saturated pixels", "saturated_fraction"),
    *_numbers("e", "mean signal", "mean_signal_e"),
    *_numbers("1", "median signal of the lit pixels, share of saturation", "median_signal_share"),
    *_numbers("1", "signal to noise at the median", "median_snr"),
)

SAFETY = (
    *_texts('the eye hazard with the largest ratio in the view; "" where no hazard map was made', "hazard"),
    *_texts("edition of the limits", "edition"),
    *_numbers("s", "exposure duration that the limits are for", "duration_s"),
    *_numbers(
        "1",
        "largest level over limit in the view, lamps always on, an eye at the surface, looking at the source; 0 where "
        "no hazard map was made",
        "max_ratio",
    ),
    *_lists((2,), "px", "where: x, y", "at"),
)

RECORD = (
    *_whole("shot_index * 64 + place of the camera", "image_id"),
    *_texts("`<key>.png`", "file_name"),
    *_whole("pixels", "width", "height"),
    *_texts("name of the split", "split"),
    *_whole("the shot, one decided world, that the sample shows", "shot_index"),
    Field(name="camera", parts=CAMERA),
    Field(name="exposure", parts=EXPOSURE),
    Field(name="safety", parts=SAFETY),
    Field(name="annotations", parts=CODE, shape=(None,)),
    Field(
        name="instances",
        shape=(None,),
        parts=(
            *_whole("value in instances.npy", "id"),
            *_texts("the prim", "path"),
            replace(_texts("the codes on it", "code_ids")[0], shape=(None,)),
        ),
    ),
)
"""`<key>.json`."""

MAPS = {
    spec.name: Field(name=f"{spec.name}.npy", type=spec.dtype.name, unit=spec.unit, text=spec.text)
    for spec in maps.MAPS.values()
}
"""Arrays that a sample may have, by their name in the recipe's `outputs`."""


def flat(
    fields: tuple[Field, ...], above: str = "", path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Yield (path in the JSON, field with its column's name) of all single values and arrays of a fixed length.

    A column is named after the groups around it, unless its own name begins with theirs; a group's `name` is the group.
    """
    for field in fields:
        here = (*path, field.name)
        if field.parts and not field.shape:
            yield from flat(field.parts, field.name, here)
        elif not field.parts and None not in field.shape:
            name = field.name if field.name.startswith(above) else f"{above}_{field.name}"
            yield here, replace(field, name=above if field.name == "name" else name)
