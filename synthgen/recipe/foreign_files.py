"""Files that are no recipe: what they are, by their first bytes and their suffix, and which command takes them."""

from __future__ import annotations

from pathlib import PurePath

_MODEL = "convert it to USD, then name it under scene.usd or as an item's usd"
_IMAGE = "an image is no recipe; preview and generate make images"
_SHARD = "check the folder of the data set instead: synthgen check FOLDER"
_STAGE = "synthgen check, render, measure and safety take stages; a recipe names one as scene.usd"

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG image", _IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (b"GIF8", "a GIF image", _IMAGE),
    (b"II*\0", "a TIFF image", _IMAGE),
    (b"MM\0*", "a TIFF image", _IMAGE),
    (b"v/1\x01", "an OpenEXR image", _IMAGE),
    (b"PXR-USDC", "a USD stage", _STAGE),
    (b"#usda", "a USD stage", _STAGE),
    (b"ISO-10303-21", "a CAD model (STEP)", _MODEL),
    (b"glTF", "a 3D model (glTF)", _MODEL),
    (b"solid ", "a 3D model (STL)", _MODEL),
    (b"IESNA", "a luminaire (IES LM-63)", "a USD stage names it as shaping:ies:file"),
    (b"PAR1", "a table of a data set (Parquet)", _SHARD),
    (b"\x93NUMPY", "an array of NumPy", "read it with numpy.load"),
    (b"%PDF", "a PDF document", "no command reads documents"),
    (b"\x7fELF", "a program", "no command reads programs"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
)
_SUFFIXES: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".step", ".stp", ".iges", ".igs"), ("a CAD model", _MODEL)),
    **dict.fromkeys((".stl", ".obj", ".ply", ".fbx", ".gltf", ".glb", ".dae", ".3mf", ".abc"), ("a 3D model", _MODEL)),
    ".urdf": ("a robot (URDF)", _MODEL),
    **dict.fromkeys((".usd", ".usda", ".usdc", ".usdz"), ("a USD stage", _STAGE)),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".bmp", ".webp"), ("an image", _IMAGE)),
    ".tar": ("a shard of a data set (tar)", _SHARD),
    ".parquet": ("a table of a data set (Parquet)", _SHARD),
    ".csv": ("a table (CSV)", "points to measure at go to synthgen measure STAGE --at FILE -o OUT.csv"),
    ".npy": ("an array of NumPy", "read it with numpy.load"),
    ".npz": ("maps of synthgen render", "read them with numpy.load"),
    ".ies": ("a luminaire (IES LM-63)", "a USD stage names it as shaping:ies:file"),
    ".py": ("a Python file", "a recipe names it under randomize, as ./file.py:Class"),
    ".html": ("a page", "no command reads pages"),
    ".md": ("a text", "no command reads texts"),
}
_JSON = "results of a detector go to synthgen evaluate RESULTS.json DATASET, a data set's folder to synthgen check"


def described(file: str, head: bytes) -> str:
    """Return what a file is and which command takes it, "" when it may be a recipe.

    >>> described("frame.step", b"")
    "is a CAD model, no recipe; convert it to USD, then name it under scene.usd or as an item's usd"
    >>> described("mine.yaml", b"version: 1")
    ''

    Args:
        file: its name.
        head: its first bytes; 512 are enough.
    """
    for magic, what, write in _MAGIC:
        if head.lstrip(b"\xef\xbb\xbf").startswith(magic):
            return f"is {what}, no recipe; {write}"
    if head[257:262] == b"ustar":
        return f"is a shard of a data set (tar), no recipe; {_SHARD}"
    suffix = PurePath(file).suffix.lower()
    if head.startswith(b"PK\x03\x04"):
        what, write = (
            ("a USD stage", _STAGE) if suffix == ".usdz" else _SUFFIXES.get(suffix, ("an archive", "unpack it"))
        )
        return f"is {what}, no recipe; {write}"
    if suffix in _SUFFIXES:
        what, write = _SUFFIXES[suffix]
        return f"is {what}, no recipe; {write}"
    return ""


def described_data(data: object) -> str:
    """Return what parsed text is that is no recipe, "" when it may be one: a JSON file is YAML, too.

    >>> described_data({"shards": [], "counts": {}})[:34]
    "is a data set's manifest, no recipe"
    """
    if isinstance(data, list):
        return f"is a list, no recipe; {_JSON}" if all(isinstance(item, dict) for item in data) and data else ""
    keys = set(data) if isinstance(data, dict) else set()
    if "version" in keys and not {"split", "shards"} & keys:
        return ""
    for marks, what, write in (
        ({"shards", "counts"}, "a data set's manifest", _SHARD),
        ({"shards", "splits"}, "a data set's manifest", _SHARD),
        ({"split", "index", "world"}, "a drawn shot", "synthgen shot RECIPE -i INDEX makes a stage of it"),
        ({"images", "annotations"}, "a list of annotations (COCO)", _JSON),
        ({"image_id", "annotations"}, "the labels of a sample", _SHARD),
        ({"predictions"}, "results of a detector", _JSON),
    ):
        if marks <= keys:
            return f"is {what}, no recipe; {write}"
    lamp = {"power_w", "peak_nm", "radiance_w_m2_sr", "irradiance_w_m2", "spectrum"} & keys
    known = {"scene", "cameras", "lights", "items", "randomize", "outputs", "dataset"} & keys
    return "is a lamp, no recipe; synthgen safety lamp FILE" if lamp and not known else ""
