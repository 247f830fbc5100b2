"""The environment of the loaders, `.venvs/loaders` in the checkout: made once, made again when its list changes.

Run as a script it makes it and says where it is.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = Path(__file__).parent / "environments" / "loaders.txt"
FOLDER = ROOT / ".venvs" / "loaders"


def python() -> Path:
    """Return the environment's Python, having made it where there is none for these requirements.

    Raises:
        RuntimeError: it could not be made; the message is pip's.
    """
    FOLDER.parent.mkdir(exist_ok=True)
    wanted, stamp = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest(), FOLDER / ".made"
    with (FOLDER.parent / "loaders.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            shutil.rmtree(FOLDER, ignore_errors=True)
            _run(sys.executable, "-m", "venv", "--without-pip", str(FOLDER))
            pip = (sys.executable, "-m", "pip", "--python", str(FOLDER / "bin/python"), "--disable-pip-version-check")
            torch = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("torch=="))
            _run(*pip, "install", "--quiet", torch)  # first and alone: a build for the CPU, where there is one, stays
            _run(*pip, "install", "--quiet", "-r", str(REQUIREMENTS))
            stamp.write_text(wanted)
    return FOLDER / "bin/python"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n")
