"""A SLURM of one node that a test starts and stops: munged, slurmctld and slurmd, all files in one folder."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster_runs import until

_CONFIGURATION = """
ClusterName=synthgen
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
# no cgroups: a container has none to give
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory_mb} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
_INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends slurm-wlm munge"


def install() -> None:
    """Install SLURM from Debian's packages where it is absent.

    Raises:
        AssertionError: it cannot be installed; with apt's own words.
    """
    if all(shutil.which(name) for name in ("munged", "slurmctld", "slurmd", "sbatch")):
        return
    done = subprocess.run(
        ["bash", "-c", f"apt-get update && {_INSTALL}"], capture_output=True, text=True, timeout=300, check=False
    )
    said = f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    assert done.returncode == 0, f"slurm-wlm cannot be installed with apt-get:\n{said}"


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Run the daemons in the foreground until the block ends; yield the variables that clients need."""
    folder.mkdir(mode=0o755)
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(secrets.token_bytes(128))
    (folder / "munge.key").chmod(0o400)
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    values = {"host": host, "folder": folder, "ports": _free_ports(), "cpus": os.cpu_count(), "memory_mb": memory_mb}
    (folder / "slurm.conf").write_text(_CONFIGURATION.format(**values))
    client = {"SLURM_CONF": str(folder / "slurm.conf")}
    environment = {**os.environ, **client}
    started = []
    try:
        started.append(_daemon(folder, environment, "munged", "--force", "--foreground", *_munge_files(folder)))
        until((folder / "munge.sock").exists, f"munged: see {folder}/munged.log")
        started.append(_daemon(folder, environment, "slurmctld", "-D", "-f", folder / "slurm.conf"))
        started.append(_daemon(folder, environment, "slurmd", "-D", "-f", folder / "slurm.conf", "-N", host))
        idle = ("sinfo", "--noheader", "--format=%t")
        until(lambda: "idle" in _asked(environment, *idle), f"an idle node: see {folder}/*.log")
        yield client
    finally:
        _asked(environment, "scancel", "--me", "--signal=KILL")
        for daemon in reversed(started):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _munge_files(folder: Path) -> list[str]:
    return [
        f"--key-file={folder}/munge.key",
        f"--socket={folder}/munge.sock",
        f"--pid-file={folder}/munged.pid",
        f"--log-file={folder}/munge-daemon.log",
        f"--seed-file={folder}/munge.seed",
    ]


def _daemon(folder: Path, environment: dict[str, str], name: str, *options: object) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([name, *map(str, options)], env=environment, cwd=folder, stdout=log, stderr=log)


def _asked(environment: dict[str, str], *command: str) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False).stdout


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
