"""Open the directory with mlcroissant: validate the description, then read its records."""

import logging

import mlcroissant
import numpy as np
import seen


class Complaints(logging.Handler):
    """Keeps what mlcroissant warns of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        """Keep a message."""
        self.texts.append(record.getMessage())


if __name__ == "__main__":
    complaints = Complaints()
    for name in (None, "absl"):
        logging.getLogger(name).addHandler(complaints)
    data = mlcroissant.Dataset(f"{seen.folder()}/croissant.json")  # raises where it is invalid
    issues = [*data.metadata.ctx.issues.errors, *data.metadata.ctx.issues.warnings]
    images = {}
    for record in data.records("image-records"):
        name = record["images/filename"].decode()
        images[name.partition(".")[0]] = seen.array(np.asarray(record["images/png"]))
    codes = [record["codes/key"].decode() for record in data.records("codes")]
    samples = [record["samples/key"].decode() for record in data.records("samples")]
    seen.show({"issues": issues, "logged": complaints.texts, "images": images, "codes": codes, "samples": samples})
