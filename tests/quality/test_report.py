"""The report on whole data sets: one file, from one pass, the same each time; gates decide the exit code."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quality_datasets import SameMaker, made

from synthgen import recipe
from synthgen.cli import run
from synthgen.dataset import reader
from synthgen.quality import findings, gates, json_summary, page, remarks


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("data") / "fake", shots=24, per_shard=4)


@pytest.fixture(scope="module")
def found(folder) -> findings.Findings:
    return findings.examine(reader.open_dataset(str(folder)), None, 20, why_no_recipe="there is none")


def test_the_page_is_one_file_that_asks_for_nothing(folder, tmp_path):
    assert run(["report", str(folder), "-o", str(tmp_path / "r.html")]) == 0
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(text) < 5_000_000
    assert "<script" not in text and "default-src 'none'" in text and "img-src data:" in text
    for link in re.findall(r"""(?:src|href)=["']([^"']*)""", text):
        assert link.startswith("data:image/jpeg;base64,"), link[:80]
    assert not re.findall(r"url\(|@import|<link|<iframe", text)
    assert "{{" not in text and "nan" not in re.sub(r"base64,[^\"]*", "", text)
    assert folder.name in text and "data:image/jpeg" in text


def test_the_same_data_set_gives_the_same_page(folder, tmp_path):
    for name in ("a.html", "b.html"):
        assert run(["report", str(folder), "-o", str(tmp_path / name), "--images", "9"]) == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_gate_that_is_not_kept_exits_5_and_the_report_is_there(folder, tmp_path, capsys):
    out = tmp_path / "r.html"
    asked = ["--gate", "decode_rate>=0.2", "--gate", "samples > 48"]
    assert run(["report", str(folder), "-o", str(out), *asked]) == 5
    told = capsys.readouterr().err
    assert "kept: decode_rate >= 0.2: found 0." in told
    assert "NOT KEPT: samples > 48: found 48" in told
    assert "1 of 2 gates is not kept" in out.read_text(encoding="utf-8")
    assert run(["report", str(folder), "--gate", "samples==48"]) == 0


def test_an_unknown_gate_is_named_before_anything_is_read(tmp_path, capsys):
    assert run(["report", str(tmp_path / "nothing"), "--gate", "blac_share<1"]) == 2
    assert "did you mean black_share?" in capsys.readouterr().err


def test_json_holds_every_number(folder, capsys):
    assert run(["report", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["numbers"]) <= {*gates.NUMBERS, "decode_rate.qr", "decode_rate.code128"}
    assert told["numbers"]["samples"] == 48
    assert sum(each["codes"] for each in told["decode_rate_by"]["symbology"]) == told["numbers"]["codes"]
    assert told["origin"]["seed"] == 0 and told["origin"]["run"]["status"] == "complete"


def test_every_number_has_its_words(found):
    for name in found.numbers():
        assert name in gates.NUMBERS or name.startswith("decode_rate.")
    assert set(gates.NUMBERS) <= set(found.numbers())


def test_samples_that_are_read_are_spread_and_the_same_each_time(found, folder):
    again = findings.examine(reader.open_dataset(str(folder)), None, 20, why_no_recipe="")
    assert again.read == found.read and len(found.read) == 20
    assert {key.split("-")[0] for key in found.read} == {"train", "val"}
    assert {key.rpartition("-")[2] for key in found.read} == {"top", "left"}  # not one camera alone


def test_shots_that_cannot_be_read_are_said_to_be(found):
    assert np.isnan(found.acceptance)
    assert any("there is none" in remark.text for remark in remarks.remarks(found))
    assert gates.judged([gates.parse("acceptance>0")], found.numbers())[0].passed is False


def test_a_hazard_is_told_with_its_assumption_or_not_at_all(found):
    def told(one: findings.Findings) -> str:
        said = " ".join(remark.text for remark in remarks.remarks(one))
        return said + page.render(one, (), page.Pictures()).decode()

    assert math.isnan(none := found.numbers()["worst_eye_ratio"]) and math.isnan(found.numbers()["over_limit_share"])
    assert not gates.parse("worst_eye_ratio<=1").holds(none)
    assert "Not computed: no sample has a hazard map" in told(found) and "times the exposure limit" not in told(found)
    counts = replace(found.counted, worst_ratio=2.5, worst_ratio_key="train-00000001-top", over_limit=1)
    above = replace(found, counted=counts)
    assert above.numbers()["worst_eye_ratio"] == 2.5
    assert told(above).count("lamps always on, an eye at the surface, looking at the source") >= 3


def test_failed_shots_are_listed(tmp_path):
    opened = reader.open_dataset(str(made(tmp_path / "data", shots=8, per_shard=4, infeasible=(1, 2))))
    found = findings.examine(opened, None, 4, why_no_recipe="no recipe")
    assert found.numbers()["failed_shots"] == 2 and found.shots == 6
    assert set(found.failed) == {"train-00000001", "train-00000002"}
    assert remarks.remarks(found)[0].tone == "bad"
    text = page.render(found, (), page.Pictures()).decode()
    assert "train-00000001: label_too_large x 20" in text


def test_a_damaged_sample_is_no_part_of_a_report(tmp_path, capsys):
    copied = made(tmp_path / "data", shots=4, per_shard=2)
    tar = copied / "train" / "train-000000.tar"
    data = bytearray(tar.read_bytes())
    data[600] ^= 1
    tar.write_bytes(data)
    assert run(["report", str(copied)]) == 4
    assert "is damaged" in capsys.readouterr().err


def test_a_folder_without_a_data_set_or_an_unfinished_one_is_refused(tmp_path, capsys):
    assert run(["report", str(tmp_path)]) == 4
    copied = made(tmp_path / "data", shots=4, per_shard=2)
    (copied / "manifest.json").unlink()
    assert run(["report", str(copied)]) == 4
    assert "not finished" in capsys.readouterr().err
    assert run(["report", str(copied), "-o", "report.pdf"]) == 2


def test_what_is_wrong_with_a_data_set_is_said(tmp_path):
    code = "{symbology: code128, payload: SYNTHGEN-0001, module_mm: {uniform: [0.4, 0.7]}, height_mm: 20}"
    loaded = recipe.load("bench_card", [f"items.card.labels.main.codes=[{code}]"])
    renderer = SameMaker(recipe.resolved(loaded))
    opened = reader.open_dataset(str(made(tmp_path / "data", shots=160, per_shard=40, renderer=renderer)))
    found = findings.examine(opened, loaded, 400)
    numbers = found.numbers()
    assert numbers["black_share"] == 0.5 and numbers["duplicate_share"] == 0.5
    assert numbers["cross_split_duplicates"] > 0 and numbers["view_duplicate_share"] == 1.0
    assert numbers["payload_leaks"] == 1 and numbers["payload_leak_share"] == 1.0
    assert numbers["skewed_parameters"] == 1 and numbers["acceptance"] < 0.9
    assert numbers["reproduced_share"] == 1.0
    said = " ".join(remark.text for remark in remarks.remarks(found))
    for word in ("are black", "Near-duplicates: ", "Several splits share 1 payload", "rejected because of its value"):
        assert word in said, word
    assert found.leaks == (("code128 SYNTHGEN-0001", ("train-00000000-top", "val-00000000-top")),)
    text = page.render(found, (), page.Pictures()).decode()
    assert "▲ items.card.labels.main.codes.0.module_m" in text.replace("▲ …", "▲ ")
    assert json_summary.as_json(found, ())["rejected_attempts"]["code_too_large"] > 0


def test_names_are_text_and_never_markup(found):
    named = replace(
        found,
        facts={**found.facts, "place": "/data/<script>alert(1)</script>"},
        leaks=(("qr <img src=http://x>", ("a", "b")),),
        failed={"train-00000001": {"<b>": 20}},
    )
    text = page.render(named, (), page.Pictures()).decode()
    assert "<script" not in text and "<img" not in text and "<b>" not in text
    assert "&lt;img src=http://x&gt;" in text
