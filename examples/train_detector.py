"""Train a barcode detector on the shards of a data set, look at how well it does, and try it on photographs.

    synthgen generate label_views -o views -n 1552 --workers 2
    python examples/train_detector.py train views -o run --samples 4000
    python examples/train_detector.py predict run views -o results.json
    synthgen evaluate results.json views
    python examples/train_detector.py photos run FOLDER

One run is one folder: `log.jsonl`, `checkpoint.pt`. The same call again goes on where the last one stopped, with the
very numbers that an unbroken run would have had.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import sys
import time
import zlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin cost more than they save on a shared machine

import detector
import numpy as np
import photos
import torch
from detector import Found
from numpy.random import Generator, Philox
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.reader import open_dataset
from synthgen.loader import Loader, Sample

CANVAS_PX = 256
LOSS_WEIGHTS = (1.0, 10.0, 0.5)
"""Of heat, corners and names."""


# --- data -------------------------------------------------------------------------------------------------------------


@dataclass
class Prepare:
    """Make a batch, in a worker of the loader; how a sample is changed follows from seed, epoch and its key."""

    seed: int
    epoch: int = 0

    def __call__(self, samples: list[Sample]) -> list[Tensor]:
        """Return images (b, 1, h, w) and what the maps should be."""
        made = []
        for one in samples:
            rng = Generator(Philox(key=[self.seed, self.epoch << 32 | zlib.crc32(one.key.encode())]))
            x, codes = augmented(one.image[0].numpy(), codes_of(one), rng)  # pyright: ignore[reportOptionalSubscript]
            made.append([x, *map(torch.from_numpy, detector.targets(codes, CANVAS_PX, CANVAS_PX))])
        return [torch.stack(parts) for parts in zip(*made, strict=True)]


def codes_of(sample: Sample) -> list[detector.Code]:
    """Return the codes of a sample as the detector takes them."""
    found = sample.codes
    rows = zip(found.quads.double().numpy(), found.labels.tolist(), found.visible_fraction.tolist(), strict=True)
    return [detector.Code(quad, label - 1, seen) for quad, label, seen in rows]


def augmented(image: np.ndarray, codes: list[detector.Code], rng: Generator) -> tuple[Tensor, list[detector.Code]]:
    """Return a grey image turned, scaled and moved on the canvas, with another gain, blur and noise; never mirrored."""
    angle = rng.integers(4) * math.pi / 2 + rng.normal(0, math.radians(6))
    scale = math.exp(rng.uniform(math.log(0.6), math.log(1.5)))
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    half_in, half_out = np.array(image.shape[::-1]) / 2, np.array([CANVAS_PX, CANVAS_PX]) / 2
    middle = half_out + rng.uniform(-0.2, 0.2, 2) * CANVAS_PX  # where the image's centre comes to lie
    moved = [replace(code, quad=(code.quad - half_in) @ turn.T + middle) for code in codes]
    back = np.linalg.inv(turn)  # affine_grid wants it in halves of both pictures
    theta = np.column_stack([back * half_out / half_in[:, None], back @ (half_out - middle) / half_in])
    grid = F.affine_grid(torch.tensor(theta[None]).float(), [1, 1, CANVAS_PX, CANVAS_PX], align_corners=False)
    pixels = torch.from_numpy(image / np.float32(255))[None, None]
    x = F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    if rng.random() < 0.4:
        x = x.lerp(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), rng.uniform(0, 1))
    x = x.clamp(0, 1) ** math.exp(rng.normal(0, 0.25)) * math.exp(rng.normal(0, 0.3)) + rng.normal(0, 0.05)
    noise = rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0, 0.03))
    return (x + torch.from_numpy(noise)).clamp(0, 1)[0], moved


# --- training ---------------------------------------------------------------------------------------------------------


def train(args: argparse.Namespace) -> None:
    """Train for `steps` batches, or go on from the run's checkpoint."""
    run, device = Path(args.out), "cuda" if torch.cuda.is_available() else "cpu"
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    prepare = Prepare(args.seed)
    loader = Loader(
        args.data, batch_size=args.batch, seed=args.seed, first=args.samples, workers=1, collate=prepare, drop_last=True
    )
    net = detector.Detector(len(SYMBOLOGIES), args.width).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, total_steps=args.steps + 1, pct_start=0.1)
    parts = {"net": net, "optimizer": optimizer, "schedule": schedule, "loader": loader}
    step, spent_s, checkpoint = 0, 0.0, run / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        step, spent_s = state["step"], state["spent_s"]
        for name, part in parts.items():
            part.load_state_dict(state[name])
    stop, started = min(args.steps, args.stop_at or args.steps), time.monotonic() - spent_s
    with open(run / "log.jsonl", "a") as log:
        while step < stop:
            prepare.epoch = loader.epoch
            for batch in loader:
                loss, row = learn(net, optimizer, batch, device)
                schedule.step()
                step, spent_s = step + 1, time.monotonic() - started
                print(json.dumps({"step": step, "loss": loss, **row, "spent_s": spent_s}), file=log, flush=True)
                if step % args.save_every == 0 or step == stop:
                    state = {name: part.state_dict() for name, part in parts.items()}
                    torch.save(
                        {**state, "step": step, "spent_s": spent_s, "width": args.width}, run / "checkpoint.part"
                    )
                    (run / "checkpoint.part").replace(checkpoint)
                if step == stop:
                    break


def learn(
    net: detector.Detector, optimizer: torch.optim.Optimizer, batch: list[Tensor], device: str
) -> tuple[float, dict]:
    """Make one step of the optimizer; return the loss and what it consists of."""
    x, *wanted = (part.to(device) for part in batch)
    with torch.autocast(device, dtype=torch.bfloat16):
        maps = net.train()(x.contiguous(memory_format=torch.channels_last))
    parts = detector.losses(maps.float(), *wanted)
    loss = parts @ torch.tensor(LOSS_WEIGHTS, device=device)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    return loss.item(), dict(zip(("heat", "corners", "names"), parts.tolist(), strict=True))


# --- looking ----------------------------------------------------------------------------------------------------------


def load(run: Path) -> detector.Detector:
    """Return the detector of a run."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    net = detector.Detector(len(SYMBOLOGIES), state["width"])
    net.load_state_dict(state["net"])
    return net.eval()


@torch.inference_mode()
def find(net: detector.Detector, image: np.ndarray, least: float = 0.05) -> list[Found]:
    """Return the codes of one grey image, best first."""
    height, width = image.shape
    x = torch.from_numpy(image / np.float32(255))[None, None]
    x = F.pad(x, (0, -width % 32, 0, -height % 32), mode="replicate")
    return detector.decode(net(x), width, height, least)[0]


def predict(args: argparse.Namespace) -> None:
    """Write what is found in a split as COCO's results; the quad is the segmentation."""
    look = photos.zxing if args.run == "zxing" else partial(find, load(Path(args.run)))
    results = []
    for batch in Loader(args.data, args.split, batch_size=1, fields=("image", "record"), shuffle=False, workers=0):
        for one in look(batch.image[0, 0].numpy()):
            left, top, right, bottom = one.box.tolist()
            results.append(
                {
                    "image_id": batch.records[0]["image_id"],
                    "category_id": one.category + 1,
                    "score": one.score,
                    "bbox": [left, top, right - left, bottom - top],
                    "segmentation": [one.quad.ravel().tolist()],
                }
            )
    Path(args.out).write_text(json.dumps(results))


def try_photos(args: argparse.Namespace) -> None:
    """Print F1 on a folder of photographs, of the detector and of zxing-cpp."""
    net, pictures = load(Path(args.run)), photos.folder(Path(args.folder))
    truth = [boxes for _, _, boxes in pictures]
    ours = [photos.at_all_sizes(partial(find, net, least=args.least), image) for _, image, _ in pictures]
    theirs = [photos.zxing(image) for _, image, _ in pictures]
    for name, found in (("detector", ours), ("zxing-cpp", theirs)):
        boxes = [[one.box for one in each] for each in found]
        for rule in (photos.iou, photos.same_place):
            row = {"who": name, "rule": rule.__name__, **photos.f1(truth, boxes, rule)}
            sys.stdout.write(json.dumps(row) + "\n")


def plot(args: argparse.Namespace) -> None:
    """Draw losses and the learning curve of some runs, and recall by module size, from what evaluate wrote of them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    losses, learned, sizes = figure.subplots(1, 3)
    curve = []
    for run in map(Path, args.runs):
        loss = np.array([json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()])
        losses.plot(np.convolve(loss, np.ones(50) / 50, "valid"), label=run.name)
        told = json.loads((run / "report.json").read_text())
        bins = [one for one in told["by"]["module_px_min"] if one["codes"]]
        sizes.plot([one["label"] for one in bins], [one["recall"] for one in bins], "o-", label=run.name)
        fine = [one for one in bins if one["label"].strip("≥ ")[0] in "23456789"]
        recall = sum(one["found"] for one in fine) / sum(one["codes"] for one in fine)
        curve.append((int(run.name), recall, told["precisions"]["box"]["any_ap50"]))
    theirs = json.loads(Path(args.zxing).read_text())["by"]["module_px_min"]
    sizes.plot([one["label"] for one in theirs], [one["recall"] for one in theirs], "k:", label="zxing-cpp")
    count, recall, ap50 = zip(*sorted(curve), strict=True)
    learned.plot(count, recall, "o-", label="recall, 2 px a module and more")
    learned.plot(count, ap50, "s-", label="AP50, any symbology")
    learned.set(xscale="log", xlabel="distinct training samples", ylim=(0, 1))
    learned.minorticks_off()
    learned.set_xticks(count, [str(n) for n in sorted(count)])
    losses.set(xlabel="step", ylabel="training loss, mean of 50 steps", yscale="log")
    sizes.set(xlabel="module size [px]", ylabel="recall at box IoU 0.5", ylim=(0, 1.02))
    for axes in (losses, learned, sizes):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(args.out, dpi=110)


def worst(args: argparse.Namespace) -> None:
    """Draw the images with most wrong in them: codes green, what was found orange, as `synthgen evaluate` counts it."""
    told, data = json.loads((Path(args.run) / "report.json").read_text()), open_dataset(args.data)
    results = json.loads((Path(args.run) / "results.json").read_text())
    rows = 3
    sheet = Image.new("RGB", (4 * 330, rows * 250), "white")
    for n, name in enumerate(told["worst_images"][: 4 * rows]):
        row, members = data.sample(name.removesuffix(".png"))
        picture = Image.open(io.BytesIO(members["png"])).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for code in row.record["annotations"]:
            draw.polygon([tuple(p) for p in code["quad_visible_px"]], outline="#30d158")
        for one in results:
            if one["image_id"] == row.record["image_id"] and one["score"] >= told["score"]:
                draw.polygon(one["segmentation"][0], outline="#ff9f0a")
        sheet.paste(picture, (n % 4 * 330, n // 4 * 250))
    sheet.save(args.out)


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("train", help="train on the split `train`, or go on")
    one.add_argument("data")
    one.add_argument("-o", "--out", required=True)
    one.add_argument("--samples", type=int, default=0, help="use only the first so many samples")
    one.add_argument("--steps", type=int, default=1300)
    one.add_argument("--stop-at", type=int, default=0, help="stop after this step, as if interrupted")
    one.add_argument("--save-every", type=int, default=200)
    one.add_argument("--batch", type=int, default=24)
    one.add_argument("--rate", type=float, default=2e-3)
    one.add_argument("--width", type=int, default=14)
    one.add_argument("--seed", type=int, default=0)
    two = actions.add_parser("predict", help="write the results of a split as JSON")
    two.add_argument("run", help="a run's folder, or `zxing` for zxing-cpp's own localisation")
    two.add_argument("data")
    two.add_argument("-o", "--out", required=True)
    two.add_argument("--split", default="val")
    three = actions.add_parser("photos", help="test on a folder of photographs with a quads.json")
    three.add_argument("run")
    three.add_argument("folder")
    three.add_argument("--least", type=float, default=0.3, help="least score; take the one that val likes best")
    four = actions.add_parser("plot", help="draw runs named after their number of samples, once evaluated")
    four.add_argument("runs", nargs="+", help="folders with the report.json of synthgen evaluate")
    four.add_argument("--zxing", required=True, help="report.json of zxing-cpp's results")
    four.add_argument("-o", "--out", default="training.png")
    five = actions.add_parser("worst", help="draw the images with most wrong in them")
    five.add_argument("run", help="with results.json, and report.json that synthgen evaluate wrote of them")
    five.add_argument("data")
    five.add_argument("-o", "--out", default="worst.png")
    args = parser.parse_args()
    {"train": train, "predict": predict, "photos": try_photos, "plot": plot, "worst": worst}[args.action](args)


if __name__ == "__main__":
    main()
