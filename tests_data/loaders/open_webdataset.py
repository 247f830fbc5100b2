"""Open the shards with webdataset."""

import glob

import seen
import webdataset as wds

if __name__ == "__main__":
    found = {}
    for split in seen.SPLITS:
        shards = sorted(glob.glob(f"{seen.folder()}/{split}/*.tar"))
        data = wds.WebDataset(shards, shardshuffle=False).decode("l8")
        found[split] = {sample["__key__"]: seen.members(sample) for sample in data}
    seen.show(found)
