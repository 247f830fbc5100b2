"""The deployment files do what they say: SLURM for real, Kubernetes by schema and command, Docker by instruction."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import slurm_node
import yaml
from cluster_runs import REPOSITORY, until

DEPLOY = REPOSITORY / "deploy"
SHOTS = 4
"""As many shards: the tests set one shot a shard."""


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Iterator[dict[str, str]]:
    """Return an environment whose PATH has this checkout's `synthgen`."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "synthgen").write_text(f'#!/bin/bash\nexec {shlex.quote(sys.executable)} -m synthgen "$@"\n')
    (folder / "synthgen").chmod(0o755)
    yield {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """Return a recipe of one shot a shard."""
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    text = (REPOSITORY / "recipes" / "bench_card.yaml").read_text()
    changed = re.sub(r"samples_per_shard: *\d+", "samples_per_shard: 1", text)
    assert changed != text
    path.write_text(changed)
    return path


@pytest.fixture(scope="module")
def expected(tmp_path_factory, small, command) -> str:
    """Return the manifest hash of the same shots in one process."""
    out = tmp_path_factory.mktemp("plain") / "out"
    line = ["synthgen", "generate", small, "-n", SHOTS, "-o", out, "--workers", 1, "--json"]
    return json.loads(_ran(line, command).stdout)["manifest_sha256"]


def _ran(line: list[object], env: dict[str, str], code: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, line)), env=env, capture_output=True, text=True, timeout=240, check=False, **more
    )
    assert done.returncode == code, f"{line}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def test_the_slurm_script_runs_on_slurm(tmp_path, small, expected, command):
    slurm_node.install()
    with slurm_node.running(tmp_path / "slurm") as slurm:
        order = {"RECIPE": str(small), "SHOTS": str(SHOTS), "OUT": str(tmp_path / "out"), "JOBS": "2", "WORKERS": "1"}
        script = ["bash", DEPLOY / "slurm.sh"]
        array, final = _ran(script, {**command, **slurm, **order}, cwd=tmp_path).stdout.split()
        until(lambda: _state(final, slurm) in ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"), "the last job", 240)
        logs = {path.name: path.read_text() for path in tmp_path.glob("synthgen-*.log")}
        assert _state(final, slurm) == "COMPLETED", logs
        assert expected in logs[f"synthgen-{final}.log"]
        for task in range(2):
            said = logs[f"synthgen-{array}_{task}.log"]
            assert f"share {task} of 2, by SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT" in said
            assert "2 shards made" in said
    assert sorted(path.name for path in (tmp_path / "out").glob("run-*.json")) == ["run-0.json", "run-1.json"]


def _state(job: str, slurm: dict[str, str]) -> str:
    said = _ran(["scontrol", "--oneliner", "show", "job", job], {**os.environ, **slurm}).stdout
    found = re.search(r"JobState=(\w+)", said)
    assert found, said
    return found.group(1)


def test_the_slurm_script_asks_for_what_it_needs(command):
    said = _ran(["bash", DEPLOY / "slurm.sh"], command, 1).stderr
    assert "RECIPE: a recipe file or the name of a shipped recipe" in said


def _documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes-job.yaml").read_text()))


def test_the_kubernetes_jobs_have_no_fault_by_schema():
    import kubernetes_validate

    for document in _documents():
        kubernetes_validate.validate(document, "1.37", strict=True)
    wrong = _documents()[0]
    wrong["spec"]["backoffLimitPerIdx"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.37", strict=True)


def test_the_kubernetes_jobs_keep_the_rules_that_a_schema_does_not_know():
    """References: Kubernetes, Jobs: pod failure policy, backoff limit per index."""
    generate, finalize = _documents()
    container = generate["spec"]["template"]["spec"]["containers"][0]
    variables = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert generate["spec"]["completionMode"] == "Indexed"
    assert variables["SYNTHGEN_NUM_JOBS"] == str(generate["spec"]["completions"])
    assert finalize["spec"]["suspend"]
    for job in (generate, finalize):
        pod = job["spec"]["template"]["spec"]
        assert pod["restartPolicy"] == "Never"  # or a pod failure policy is refused
        assert [rule["action"] for rule in job["spec"]["podFailurePolicy"]["rules"]] == ["Ignore", "FailJob"]
        assert (
            job["spec"]["podFailurePolicy"]["rules"][1]["onExitCodes"]["containerName"] == pod["containers"][0]["name"]
        )
    retried = generate["spec"]["podFailurePolicy"]["rules"][1]["onExitCodes"]["values"]
    assert 3 not in retried  # partial: run again
    assert 4 in retried  # bad input
    assert (
        container["args"][container["args"].index("-o") + 1]
        == finalize["spec"]["template"]["spec"]["containers"][0]["args"][1]
    )


def test_the_kubernetes_commands_make_the_data_in_a_store(s3, new_bucket_url, small, expected, command):
    """Each pod's arguments and variables as they stand, but for the store, the recipe and the numbers."""
    generate, finalize = _documents()
    url, jobs = new_bucket_url(), 2
    changes = {"scan_tunnel": str(small), "4096": str(SHOTS), "s3://bucket/tunnel": url}
    for index in range(jobs):
        args, env = _pod(generate, changes, command, s3.environment)
        said = _ran(
            ["synthgen", *args], {**env, "SYNTHGEN_NUM_JOBS": str(jobs), "JOB_COMPLETION_INDEX": str(index)}
        ).stderr
        assert f"share {index} of {jobs}, by JOB_COMPLETION_INDEX and SYNTHGEN_NUM_JOBS" in said
    args, env = _pod(finalize, changes, command, s3.environment)
    assert expected in _ran(["synthgen", *args], env).stderr


def _pod(
    job: dict[str, Any], changes: dict[str, str], base: dict[str, str], secret: dict[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment of a job's container; what comes from outside the file comes from `secret`."""
    container = job["spec"]["template"]["spec"]["containers"][0]
    given = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    outside = {name: secret[name] for name in given if name in secret}
    rest = {name: value for name, value in base.items() if not name.startswith("AWS_")}
    return [changes.get(arg, arg) for arg in container["args"]], {**rest, **given, **outside}


def test_the_image_s_instructions_run_in_order(tmp_path):
    """In a virtual environment instead of the base image; users and folders of the image are the test's own."""
    steps = _instructions((DEPLOY / "Dockerfile").read_text())
    names = [name for name, _ in steps]
    assert names[0] == "FROM"
    assert dict(steps)["USER"].isdigit()
    assert dict(steps)["USER"] != "0"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert json.loads(dict(steps)["ENTRYPOINT"]) == ["synthgen"]
    _ran(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", REPOSITORY],
        dict(os.environ),
    )
    _ran([sys.executable, "-m", "venv", tmp_path / "image"], dict(os.environ))
    (packages,) = (tmp_path / "image").glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")  # but not this checkout
    path = f"{tmp_path}/image/bin:{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(tmp_path), "PIP_NO_DEPS": "1"}
    work, roots = tmp_path, {"/opt": tmp_path / "opt", "/data": tmp_path / "data", "/var": tmp_path / "var"}
    for name, rest in steps:
        rest = _below(rest, roots)
        if name in ("ARG", "ENV"):
            env |= dict(part.partition("=")[::2] for part in shlex.split(rest))
        elif name == "WORKDIR":
            (work := Path(rest)).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            sources = list(tmp_path.glob(rest.split()[0]))
            assert sources, rest
            _ran(["cp", *sources, work], env)
        elif name == "RUN":
            _ran(["sh", "-c", rest.replace("useradd", "echo useradd")], env, cwd=work)
    said = _ran(["synthgen", "check", "bench_card"], {**env, "PYTHONPATH": ""}, cwd=work)
    assert "no fault" in said.stderr


def _below(text: str, roots: dict[str, Path]) -> str:
    for root, place in roots.items():
        text = re.sub(rf"(?<![\w.]){root}\b", str(place), text)
    return text


def _instructions(text: str) -> list[tuple[str, str]]:
    """Return (instruction, rest) of a Dockerfile without here-documents."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines()]
