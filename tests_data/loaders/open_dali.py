"""Open the shards with DALI, on the CPU, by its index files; it gives no keys, but keeps the order."""

import glob
import json

import seen
from nvidia.dali import fn, pipeline_def, types

NAMES = ("png", "json", "shot.json", "depth.npy", "instances.npy")


@pipeline_def(batch_size=1, num_threads=1, device_id=None)
def read(shards):
    """Read and decode every member."""
    indexes = [shard.removesuffix(".tar") + ".idx" for shard in shards]
    png, record, shot, depth, instances = fn.readers.webdataset(
        paths=shards, index_paths=indexes, ext=list(NAMES), missing_component_behavior="error", name="tar"
    )
    image = fn.decoders.image(png, output_type=types.GRAY)
    return image, record, shot, fn.decoders.numpy(depth), fn.decoders.numpy(instances)


if __name__ == "__main__":
    found = {}
    for split in seen.SPLITS:
        pipe = read(sorted(glob.glob(f"{seen.folder()}/{split}/*.tar")))
        pipe.build()
        found[split] = []
        for _ in range(pipe.reader_meta("tar")["epoch_size"]):
            png, record, shot, depth, instances = (output.at(0) for output in pipe.run())
            texts = (json.loads(bytes(text)) for text in (record, shot))
            values = (png[..., 0], *texts, depth, instances)
            found[split].append(seen.members(dict(zip(NAMES, values, strict=True))))
    seen.show(found)
