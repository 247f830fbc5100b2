"""Open the directory with Ray Data, *.idx files beside the shards and all."""

import ray
import seen

if __name__ == "__main__":
    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    found = {}
    for split in seen.SPLITS:
        data = ray.data.read_webdataset(f"{seen.folder()}/{split}", file_extensions=["tar"])
        found[split] = {sample["__key__"]: seen.members(sample) for sample in data.take_all()}
    ray.shutdown()
    seen.show(found)
