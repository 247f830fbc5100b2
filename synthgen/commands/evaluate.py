"""`synthgen evaluate`: how well a detector finds codes, and where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags
from synthgen.commands.outputs import REPORT

if TYPE_CHECKING:
    from synthgen.evaluation import Verdict

SUFFIXES = (".html", ".json")


def evaluate(
    results: Annotated[Path, Parameter(help="COCO-style list: image_id or file_name, category_id, score, bbox.")],
    dataset: Annotated[str, Parameter(help="The data set that the images are from: a folder or URL.")],
    *,
    split: Annotated[
        str, Parameter(help="The split that the images belong to; default val, else the first that holds a sample.")
    ] = "",
    out: Annotated[
        Path | None,
        flags.output("A .html or .json file, or a folder for both.", endings=SUFFIXES, folder=True, needs=REPORT),
    ] = None,
    on: Annotated[Literal["box", "quad"], Parameter(help="What decides that a code is found.")] = "box",
    score: Annotated[
        float | None, flags.number(-1e9, 1e9, "Lower scores do not count; default where F1 is best.")
    ] = None,
    least_visible: Annotated[
        float, Parameter(validator=Number(gte=0, lte=1), help="Codes of which a smaller share is seen do not count.")
    ] = 0.25,
    json: flags.Json = False,
) -> None:
    """Compare a detector's results with a data set: AP, recall by module size, tilt, contrast, ..., corners, misses.

    Example: `synthgen evaluate results.json tunnel --split val -o report.html`

    Results are a JSON list of `{"image_id" or "file_name", "category_id", "score", "bbox": [x, y, width, height]}`,
    with `"segmentation": [[x1, y1, ..., x4, y4]]` where the detector gives quads.
    """
    from synthgen import evaluation
    from synthgen.dataset.reader import open_dataset
    from synthgen.evaluation import format

    source = open_dataset(dataset)
    chosen = split or _default(source.splits)
    source.require(chosen)
    truth = evaluation.collect((row.record for row in source.rows(chosen)), least_visible)
    verdict = evaluation.judge(truth, evaluation.load(results, truth), on=on, score=score)
    about = {"results": str(results), "data set": dataset, "split": chosen, "least visible": least_visible}
    if out is not None:
        _write(verdict, about, out, lambda name: source.sample(name.removesuffix(".png"))[1]["png"])
    if json:
        flags.data_object(format.as_dict(verdict, about))
    else:
        flags.data(f"{results} on {dataset}, split {chosen}\n\n{format.text(verdict)}")


def _default(samples: Mapping[str, int]) -> str:
    """Return val where it holds a sample, else the first split that holds one, else the first split."""
    filled = [name for name, count in samples.items() if count]
    return "val" if "val" in filled else next(iter([*filled, *samples]))


def _write(verdict: Verdict, about: Mapping[str, Any], out: Path, png_of: Callable[[str], bytes]) -> None:
    """Write the page, the numbers, or both into a folder."""
    from synthgen import atomic_files
    from synthgen.evaluation import format
    from synthgen.evaluation import html as page

    suffix = out.suffix.lower()
    html, numbers = (out / "report.html", out / "report.json") if not suffix else (out, out)
    if suffix in (".html", ""):
        atomic_files.write(html, page.render(verdict, about, png_of))
    if suffix in (".json", ""):
        atomic_files.write(numbers, atomic_files.document(format.as_dict(verdict, about)))
    flags.message(f"{out}: written")
