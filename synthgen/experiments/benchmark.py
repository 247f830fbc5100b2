"""Time of each stage of a sample on this machine, and error of the light pass."""

from __future__ import annotations

import io
import os
import resource
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from synthgen import pipeline
from synthgen.dataset import sample as samples
from synthgen.planning import plan
from synthgen.recipe import Recipe
from synthgen.rendering.direct_lighting import light
from synthgen.rendering.gbuffer import trace_views
from synthgen.rendering.irradiance_probe import measure
from synthgen.rendering.launch import View
from synthgen.scene import Scene
from synthgen.textures import png

STAGES = ("plan", "author", "sync", "trace", "light", "hazard", "image", "sensor", "label", "encode")
PER_SHOT = ("plan", "author", "sync")
REFERENCE_SAMPLES = 1024
_REFERENCE_VIEWS = 3
_REFERENCE_PIXELS = 2000
_ENCODINGS = 3


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Speed and size of the views' PNG files against Pillow at its lowest level; each image is written by both."""

    encoder: str
    mb_s: float
    """Pixels in, median over images [MB/s]."""
    ratio: float
    """Of our speed to Pillow's, median over images."""
    size_ratio: float
    """Of our files' sizes to Pillow's."""

    def as_text(self) -> str:
        """Return the figures in a line."""
        against = f"{self.ratio:.1f} x Pillow level 1, {self.size_ratio:.2f} x its size"
        return f"{self.mb_s:.0f} MB/s by {self.encoder}: {against}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Medians over shots (plan, author, sync) or camera views (the rest) once kernels are compiled [s]."""

    recipe: str
    device: str
    threads: int
    shots: int
    views: int
    stage_s: Mapping[str, float]
    view_s: float
    """Median from rays to encoded sample, without plan, author and sync."""
    shot_s: float
    samples_per_s: float
    first_sample_s: float
    """Until the first sample: kernels loaded or compiled, standing scene authored and uploaded; imports not counted."""
    peak_memory_gb: float
    irradiance_error: float
    """RMSE over mean at hit pixels against 1 024 samples a light, worst of some views; -1 when not asked for."""
    png: Encoding
    """How fast images become PNG files."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**vars(self), "stage_s": dict(self.stage_s), "png": vars(self.png)}

    def as_text(self) -> str:
        """Return a table."""
        lines = [f"{self.recipe} on {self.device}, {self.threads} threads, {self.shots} shots, {self.views} views", ""]
        lines += [f"  {'stage':<8} {'median':>9}", f"  {'-' * 8} {'-' * 9}"]
        for stage, seconds in self.stage_s.items():
            per = "a shot" if stage in PER_SHOT else "a view"
            lines.append(f"  {stage:<8} {seconds * 1e3:>6.0f} ms {per}")
        lines += [
            "",
            f"  a view from rays to bytes   {self.view_s:.2f} s (median)",
            f"  a shot with all its views   {self.shot_s:.2f} s, {self.samples_per_s:.2f} samples/s",
            f"  first sample                {self.first_sample_s:.1f} s",
            f"  peak memory                 {self.peak_memory_gb:.2f} GB",
        ]
        lines.append(f"  PNG files                   {self.png.as_text()}")
        if self.irradiance_error >= 0:
            error = f"{100 * self.irradiance_error:.1f} % RMSE/mean"
            lines.append(f"  irradiance error            {error} against {REFERENCE_SAMPLES} samples a light")
        return "\n".join(lines)


def run(recipe: Recipe, *, shots: int = 4, device: str = "cpu", truth: bool = True, name: str = "recipe") -> Report:
    """Time the stages from plan to encoded sample for some shots of a recipe's first split."""
    threads = os.cpu_count() or 1
    split = next(iter(recipe.splits))
    started = perf_counter()
    renderer = pipeline.SampleRenderer(recipe, device=device, threads=threads)
    renderer.samples(split, 0)
    first_s = perf_counter() - started
    spent: dict[str, list[float]] = defaultdict(list)
    shot_s, images, errors = [], [], []
    for index in range(shots):
        started = perf_counter()
        plan.shot(recipe, split, index)
        spent["plan"].append(perf_counter() - started)
        started = perf_counter()
        made = renderer.samples(split, index, lambda stage, seconds: spent[stage].append(seconds))
        for sample in made:
            begun = perf_counter()
            samples.encode(sample)
            spent["encode"].append(perf_counter() - begun)
        shot_s.append(perf_counter() - started)
        images += [sample.image for sample in made]
        if truth and len(errors) < _REFERENCE_VIEWS:
            scene = renderer.scene(plan.shot(recipe, split, index))
            errors += [irradiance_error(scene, camera, threads) for camera in scene.cameras][
                : _REFERENCE_VIEWS - len(errors)
            ]
    per_view = np.array([spent[stage] for stage in STAGES if stage not in PER_SHOT]).sum(axis=0)
    return Report(
        recipe=name,
        device=device,
        threads=threads,
        shots=shots,
        views=len(images),
        stage_s={stage: median(spent[stage]) for stage in STAGES},
        view_s=float(np.median(per_view)),
        shot_s=median(shot_s),
        samples_per_s=len(images) / sum(shot_s),
        first_sample_s=first_s,
        peak_memory_gb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        irradiance_error=max(errors) if errors else -1.0,
        png=encoding(images),
    )


def encoding(images: Sequence[np.ndarray]) -> Encoding:
    """Return the speed of writing these images as PNG files, and the files' sizes."""
    times, sizes = [], []
    for image in images:
        pair_s, pair_bytes = zip(*(_timed(encode, image) for encode in (png.encode, _pillow)), strict=True)
        times.append(pair_s)
        sizes.append(pair_bytes)
    ours_s, pillow_s = np.array(times).T
    return Encoding(
        encoder=png.encoder(),
        mb_s=float(np.median([image.nbytes for image in images] / ours_s)) / 1e6,
        ratio=float(np.median(pillow_s / ours_s)),
        size_ratio=float(np.divide(*np.sum(sizes, axis=0))),
    )


def _timed(encode: Callable[[np.ndarray], bytes], image: np.ndarray) -> tuple[float, int]:
    """Return the shortest time of several encodings [s], and the file's size [B]."""
    spent, data = [], b""
    for _ in range(_ENCODINGS):
        started = perf_counter()
        data = encode(image)
        spent.append(perf_counter() - started)
    return min(spent), len(data)


def _pillow(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "png", compress_level=1)
    return stream.getvalue()


def irradiance_error(scene: Scene, camera: str, threads: int) -> float:
    """Return RMSE over mean of one view's irradiance at hit pixels, against many samples that are not pooled.

    The reference is `measure` at the points that about 2 000 pixels see, spread evenly over the view.
    """
    frame = trace_views(scene.tables, scene.tracer, [View(0, scene.cameras[camera])], threads)
    fast = light(frame).irradiance_w_m2.numpy().sum(axis=0, dtype=np.float64)
    hit = np.flatnonzero(frame.pixels.material.numpy() >= 0)
    if not hit.size or not scene.description.lights:
        return 0.0
    asked = hit[:: max(1, len(hit) // _REFERENCE_PIXELS)]
    points, normals = frame.pixels.position.numpy()[asked], frame.pixels.shading_normal.numpy()[asked]
    slow = measure(scene.tables, scene.tracer, points, normals, samples=REFERENCE_SAMPLES).irradiance_w_m2.sum(axis=0)
    return float(np.sqrt(np.mean((fast[asked] - slow) ** 2)) / slow.mean()) if slow.mean() > 0 else 0.0
