"""Open the directory with RF-DETR's own reader, without its augmentation.

PyPI's torchvision is built for CUDA; beside a CPU build of torch its library of operators does not load, and then its
import fails because two operators are not even declared. The reader calls neither, so declaring them is enough.
"""

import torch

operators = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    try:
        operators.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:  # declared: a build that suits this torch
        break

import json  # noqa: E402

import seen  # noqa: E402
from rfdetr.datasets.webdataset.load import WebDatasetDetection  # noqa: E402

if __name__ == "__main__":
    found = {}
    for split in seen.SPLITS:
        data = WebDatasetDetection(seen.folder(), split, None)
        found[split] = {
            "total": data.total_samples,
            "classes": data.class_names,
            "samples": [
                {
                    "png": seen.array(image.convert("L")),
                    "image_id": int(target["image_id"]),
                    "boxes": target["boxes"].tolist(),
                    "labels": target["labels"].tolist(),
                }
                for image, target in data
            ],
        }
    seen.show(json.loads(json.dumps(found)))
