"""Run the Python examples of a dataset card as they are printed: `python run_examples.py DIR`."""

import os
import re
import sys
import tempfile
import warnings
from pathlib import Path

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    os.chdir(sys.argv[1])
    os.environ["HF_DATASETS_CACHE"] = tempfile.mkdtemp()
    for heading, code in re.findall(r"^([^\n]+):\n\n```python\n(.*?)```", Path("README.md").read_text(), re.M | re.S):
        if "RFDETRNano" not in code:  # it loads weights from a hub
            if "import ray" in code:  # else it joins whatever cluster runs on this machine
                import ray

                ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
            exec(compile(code, heading, "exec"), {"__name__": "example"})
            sys.stdout.write(f"ran {heading}\n")
