"""Open the directory with NVIDIA energon."""

import seen
from megatron import energon


@energon.stateless
def taken(sample):
    """Return a sample as it is."""
    return sample


class Task(energon.DefaultTaskEncoder):
    """Makes batches that are lists of samples."""

    cookers = [energon.Cooker(taken)]  # noqa: RUF012 (energon reads it from the class)
    decoder = energon.SampleDecoder(image_decode="l8")

    def batch(self, samples):
        """Return the samples of a batch."""
        return samples


if __name__ == "__main__":
    found = {}
    for split in seen.SPLITS:
        config = energon.WorkerConfig(rank=0, world_size=1, num_workers=0)
        data = energon.get_val_dataset(
            seen.folder(), split_part=split, batch_size=1, worker_config=config, task_encoder=Task()
        )
        batches = energon.get_loader(data)
        found[split] = {sample["__key__"]: seen.members(sample) for batch in batches for sample in batch}
    seen.show(found)
