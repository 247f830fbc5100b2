"""Which sample comes when, and which samples a filter keeps: nothing here needs torch."""

from __future__ import annotations

import json
import re
import shutil
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fake_renderer import order as ordered
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.dataset import reader
from synthgen.errors import DatasetError, InputError
from synthgen.generation import driver
from synthgen.loader.filters import parse
from synthgen.loader.order import Order
from synthgen.loader.resume_state import Position, layout
from synthgen.loader.sample_filter import CODES, chosen

COUNTS = st.lists(st.integers(0, 6), min_size=1, max_size=12).filter(any)


def order_of(counts: list[int], **given: object) -> Order:
    return Order(**{"counts": np.array(counts), "seed": 0, "split": "train", **given})


def walked(order: Order, epoch: int = 0, first: int = 0) -> list[tuple[int, int]]:
    return [tuple(place) for some in order.places(epoch, first) for place in some.tolist()]


def joined(parts: list[list]) -> list:
    return list(chain.from_iterable(parts))


def everything(counts: list[int]) -> list[tuple[int, int]]:
    return [(shard, place) for shard, count in enumerate(counts) for place in range(count)]


def test_unshuffled_is_the_order_of_the_data_set() -> None:
    assert walked(order_of([2, 0, 3], shuffle=False)) == [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]


@settings(max_examples=40, deadline=None)
@given(counts=COUNTS, ranks=st.integers(1, 5), window=st.integers(1, 4), shuffle=st.booleans(), seed=st.integers(0, 3))
def test_ranks_share_an_epoch(counts: list[int], ranks: int, window: int, shuffle: bool, seed: int) -> None:
    def dealt(even: str) -> list[list[tuple[int, int]]]:
        given = {"world_size": ranks, "window": window, "shuffle": shuffle, "seed": seed, "even": even}
        return [walked(order_of(counts, rank=rank, **given)) for rank in range(ranks)]

    total = everything(counts)
    kept, repeated, dropped = (dealt(even) for even in ("keep", "repeat", "drop"))
    assert sorted(joined(kept)) == total
    assert max(map(len, kept)) - min(map(len, kept)) <= 1
    assert {len(own) for own in repeated} == {-(-len(total) // ranks)}
    assert set(joined(repeated)) == set(total)
    assert {len(own) for own in dropped} == {len(total) // ranks}
    assert len(set(joined(dropped))) == len(joined(dropped)) > len(total) - ranks


@settings(max_examples=40, deadline=None)
@given(counts=COUNTS, first=st.integers(0, 30), size=st.integers(1, 7), ranks=st.integers(1, 3))
def test_going_on_anywhere_gives_the_rest(counts: list[int], first: int, size: int, ranks: int) -> None:
    order = order_of(counts, window=2, world_size=ranks, rank=ranks - 1)
    assert walked(order, 3, first) == walked(order, 3)[first:]
    batches = list(order.batches(3, size))
    assert list(order.batches(3, size, first)) == batches[first:]
    assert len(batches) == order.batch_count(size) and joined(batches) == walked(order, 3)
    assert len(list(order.batches(3, size, drop_last=True))) == order.batch_count(size, drop_last=True)


def test_an_epoch_is_a_function_of_seed_and_number() -> None:
    counts = [5] * 20
    assert walked(order_of(counts), 4) == walked(order_of(counts), 4)
    others = [walked(order_of(counts), 4), walked(order_of(counts), 5), walked(order_of(counts, seed=1), 4)]
    assert len({tuple(other) for other in others}) == 3
    # Known answer: the order of a job that was started years ago must not change under it.
    assert walked(order_of([2, 2, 2], window=2)) == [(1, 1), (0, 1), (0, 0), (1, 0), (2, 1), (2, 0)]


def test_reading_stays_within_the_window() -> None:
    order = order_of([10] * 40, window=4)
    places = walked(order)
    for start in range(0, len(places), 40):
        assert len({shard for shard, _ in places[start : start + 40]}) == 4


def test_shuffling_mixes_well() -> None:
    # Mean distance between a sample's neighbours of n shuffled ones is n / 3.
    places = np.array([shard * 10 + place for shard, place in walked(order_of([10] * 100, window=100))])
    assert abs(np.abs(np.diff(places)).mean() - 1000 / 3) < 25
    first = np.array([walked(order_of([10] * 20), epoch)[0][0] for epoch in range(200)])
    assert abs(first.mean() - 9.5) < 1.5


@pytest.mark.parametrize(
    "given", [{"rank": 2, "world_size": 2}, {"rank": -1}, {"window": 0}, {"even": "most"}], ids="-".join
)
def test_senseless_orders_are_refused(given: dict) -> None:
    with pytest.raises(InputError):
        order_of([1], **given)


SCHEMA = pa.schema(
    [
        ("module_px_min", pa.float64()),
        ("incidence_deg", pa.float64()),
        ("id", pa.int64()),
        ("decoded", pa.bool_()),
        ("symbology", pa.string()),
        ("payload", pa.string()),
        ("decoded_text", pa.string()),
        ("decoded_rectified", pa.bool_()),
        ("bbox", pa.list_(pa.float64(), 4)),
    ]
)
READ = {"payload": "SG1", "decoded_text": "SG1", "decoded": True, "decoded_rectified": True}
MISREAD = {"payload": "SG2", "decoded_text": "SG9", "decoded": True, "decoded_rectified": False}
UNREAD = {"payload": "SG3", "decoded_text": "", "decoded": False, "decoded_rectified": False}
ROWS = [
    {"module_px_min": 1.0, "incidence_deg": 10.0, "id": 1, "symbology": "qr", **UNREAD},
    {"module_px_min": 2.0, "incidence_deg": 60.0, "id": 2, "symbology": "code128", **READ},
    {"module_px_min": 3.0, "incidence_deg": 30.0, "id": 3, "symbology": "aztec", **MISREAD},
]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("module_px_min > 1.5 and incidence_deg < 45", [3]),
        ("module_px_min > 1.5 or incidence_deg < 45", [1, 2, 3]),
        ("not decoded", [1]),
        ("decoded and not (symbology == 'aztec')", [2]),
        ("1 < module_px_min <= 2", [2]),
        ("symbology in ('qr', 'aztec')", [1, 3]),
        ("symbology not in ['qr']", [2, 3]),
        ("module_px_min * 10 >= incidence_deg - 2 * id", [1, 3]),
        ("incidence_deg / 2 > -id + 6", [2, 3]),
        ("id / 2 < 1", [1]),
        ("id != 2", [1, 3]),
        (" id == 2 ", [2]),
        ("decoded_text == payload", [2]),
        ("decoded_text != payload and decoded", [3]),
        ("decoded == decoded_rectified", [1, 2]),
        ("module_px_min < incidence_deg", [1, 2, 3]),
        ("id == module_px_min", [1, 2, 3]),
        ("'' == decoded_text", [1]),
        ("payload in (decoded_text, 'SG3')", [1, 2]),
        ("payload not in (decoded_text, symbology)", [1, 3]),
        ("symbology < payload < 'a'", []),
        ("payload <= decoded_text", [2, 3]),
    ],
)
def test_filters_mean_what_python_means(text: str, kept: list[int]) -> None:
    table = pa.Table.from_pylist(ROWS, SCHEMA)
    assert table.filter(parse(text, SCHEMA)).column("id").to_pylist() == kept
    by_python = [row["id"] for row in ROWS if eval(text.strip(), {}, dict(row))]
    assert by_python == kept


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "module_px_min.real > 1",
        "(lambda: 1)() > 0",
        "[x for x in (1,)]",
        "module_px_min ** 2 > 1",
        "id @ id > 1",
        "symbology > 3",
        "module_px_min + 1",
        "symbology in decoded",
        "symbology in ('qr', id)",
        "decoded is True",
        "bbox == 3",
        "id == None",
        "id >",
        "id = 3",
        "",
        "(" * 300 + "id" + ")" * 300,
        "-" * 3000 + "1 < id",
        "id < 1 or " * 500 + "id < 1",
        "id == 1\0",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="filter"):
        parse(text, SCHEMA)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payload == module_px_min", "payload is a text, module_px_min is a number"),
        ("decoded == payload", "decoded is true or false, payload is a text"),
        ("id in (payload, 3)", "id is a number, payload is a text"),
        ("symbology > 3", "symbology is a text"),
    ],
)
def test_columns_of_two_types_are_not_compared_and_their_types_are_told(text: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said) + r".*compare columns and constants of one type"):
        parse(text, SCHEMA)


def test_an_unknown_column_is_named_with_those_that_there_are() -> None:
    with pytest.raises(
        InputError, match=r"did you mean module_px_min\? there are decoded, decoded_rectified, decoded_text, id, in"
    ):
        parse("module_px_mn > 1", SCHEMA)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("order") / "data"
    driver.run(ordered(shots=24, infeasible=(2,)), out)
    return out


@pytest.mark.parametrize("with_table", [True, False])
def test_a_sample_is_kept_when_any_of_its_codes_passes(made: Path, with_table: bool, tmp_path: Path) -> None:
    if not with_table:
        made = shutil.copytree(made, tmp_path / "copy")
        (made / CODES).unlink()
    found = reader.open_dataset(str(made))
    choice = chosen(found, "train", "module_px_min > 1.5 and incidence_deg < 45")
    expected = [
        [row.key for row in rows if any(c["module_px_min"] > 1.5 and c["incidence_deg"] < 45 for c in codes(row))]
        for rows in ([row for row in found.rows("train") if shard_of(row.key) == shard] for shard in range(5))
    ]
    assert choice.counts.tolist() == [len(keys) for keys in expected]
    assert [choice.keys(shard) for shard in range(5)] == [set(keys) for keys in expected]
    assert 0 < sum(choice.counts) < 34


@pytest.mark.parametrize("with_table", [True, False])
@pytest.mark.parametrize("sign", ["==", "!="])
def test_two_columns_are_compared_code_by_code(made: Path, with_table: bool, sign: str, tmp_path: Path) -> None:
    if not with_table:
        made = shutil.copytree(made, tmp_path / "copy")
        (made / CODES).unlink()
    found = reader.open_dataset(str(made))
    choice = chosen(found, "val", f"decoded_text {sign} payload")
    passing = [
        row.key
        for row in found.rows("val")
        if any((c["decoded_text"] == c["payload"]) is (sign == "==") for c in codes(row))
    ]
    assert [key for shard in range(len(choice.counts)) for key in sorted(choice.keys(shard))] == sorted(passing)
    assert 0 < len(passing) < found.splits["val"]


def codes(row) -> list[dict]:
    return row.record["annotations"]


def shard_of(key: str) -> int:
    return int(key.split("-")[1]) // 4


def test_a_damaged_table_of_codes_is_noticed(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    whole = (copy / CODES).read_bytes()
    damaged = bytearray(whole)
    damaged[_amid(made / CODES, "module_px_min")] ^= 0x10
    (copy / CODES).write_bytes(damaged)
    with pytest.raises(DatasetError, match=r"codes\.parquet.*finalize"):
        chosen(reader.open_dataset(str(copy)), "train", "module_px_min > 1.5")
    (copy / CODES).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"codes\.parquet.*finalize"):
        chosen(reader.open_dataset(str(copy)), "train", "module_px_min > 1.5")


def _amid(path: Path, name: str) -> int:
    """Return a place amid a column's values."""
    from pyarrow import parquet

    group = parquet.ParquetFile(path).metadata.row_group(0)
    column = next(group.column(i) for i in range(group.num_columns) if group.column(i).path_in_schema == name)
    start = column.dictionary_page_offset or column.data_page_offset
    return start + column.total_compressed_size // 2


def test_a_position_goes_on_and_refuses_another_job() -> None:
    position = Position({"seed": 0, "split": "train"}, {"batch": 0})
    position.begin()
    position.move(batch=3)
    state = json.loads(json.dumps(position.state()))
    assert state == {"version": 1, "seed": 0, "split": "train", "epoch": 0, "batch": 3}
    other = Position({"seed": 0, "split": "train"}, {"batch": 0})
    other.load(state)
    other.set_epoch(0)  # as a training loop does before each epoch
    other.begin()
    assert other.at == {"batch": 3}
    other.end()
    assert (other.epoch, other.at) == (1, {"batch": 0})
    other.begin()
    assert other.at == {"batch": 0}
    with pytest.raises(InputError, match="seed 0, here 1"):
        Position({"seed": 1, "split": "train"}, {"batch": 0}).load(state)
    for damage in ({"batch": -1}, {"epoch": "x"}, {"version": 9}):
        with pytest.raises(InputError):
            other.load({**state, **damage})
    with pytest.raises(InputError):
        other.set_epoch(-1)


def test_the_layout_comes_from_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert layout(None, None) == (0, 1)
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert layout(None, None) == (3, 4)
    assert layout(1, 2) == (1, 2)
    monkeypatch.setenv("RANK", "many")
    with pytest.raises(InputError, match="RANK=many"):
        layout(None, None)
