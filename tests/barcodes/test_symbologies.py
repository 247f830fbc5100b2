"""The table of symbologies and its category ids."""

from synthgen.barcodes.symbologies import SYMBOLOGIES, TABLE, category_id


def test_category_ids_count_alphabetically_from_one():
    assert list(SYMBOLOGIES) == sorted(SYMBOLOGIES)
    assert [category_id(name) for name in SYMBOLOGIES] == list(range(1, 13))
    assert category_id("aztec") == 1
    assert category_id("upca") == 12


def test_linear_codes_need_no_quiet_zone_above():
    for name, spec in TABLE.items():
        assert (spec.quiet[2:] == (0, 0)) == (spec.linear or name == "aztec")
