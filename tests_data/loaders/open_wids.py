"""Open the shards with wids, at random places."""

import tempfile

import seen
import wids

if __name__ == "__main__":
    found = {}
    for split in seen.SPLITS:
        with tempfile.TemporaryDirectory() as cache:
            data = wids.ShardListDataset(f"{seen.folder()}/{split}.wids.json", cache_dir=cache, keep=True)
            samples = (data[i] for i in reversed(range(len(data))))
            found[split] = {
                sample["__key__"]: seen.members({name.lstrip("."): value for name, value in sample.items()})
                for sample in samples
            }
    seen.show(found)
