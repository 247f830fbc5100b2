"""The report: numbers equal the record, the same bytes twice, no text of a stage is ever markup."""

from __future__ import annotations

import json
import math
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from synthgen.errors import InputError, OutputError
from synthgen.photobiology.lamp_fields import assess_fields
from synthgen.reporting.document import Banner, Block, Figure, Heading, Pairs, Table, visible
from synthgen.reporting.numbers import lasting, number
from synthgen.reporting.svg import tag
from synthgen.safety import report
from synthgen.safety.record import Document, SceneAssessment
from synthgen.safety.report import scale
from synthgen.safety.report.formulas import limit_formula
from synthgen.safety.report.front_page import TO_FILL_IN
from synthgen.safety.report.verdict import tone
from tests.safety.report_samples import quiet, renamed, tunnel

LAMP = {"name": "bar", "peak_nm": 850, "fwhm_nm": 35, "shape": "rect", "size_mm": 1, "columns": 20, "pitch_mm": 20,
        "power_w": 20, "pulse_us": 50, "rate_hz": 30}  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=http://example.invalid/x onerror=alert(1)>',
    '#read("/etc/hostname") $x$ #panic("evaluated") \\ *bold* _it_ `raw` @label <label> // no',
    "{{ 7 * 7 }}{% for x in y %}{{ 7 / 0 }}",
    "</svg><style>body{display:none}</style>&amp;&#60;",
    "]]> \x00\x1b[31m \u202egnp.exe \u2028 中文 😀",
)


def test_numbers_print_with_four_digits_and_never_round_onto_the_limit() -> None:
    assert [number(x) for x in (0.0, 1.0, 0.123456, 1234.56, 123456.0, 1.2345678e-7, 2e7)] == [
        "0", "1", "0.1235", "1235", "123500", "1.235 × 10⁻⁷", "2 × 10⁷",
    ]  # fmt: skip
    assert number(1.0000001) == "1.0000001"
    assert number(0.99996) == "0.99996"
    assert number(math.inf, "without end") == "without end"


def test_an_allowed_time_is_rounded_down() -> None:
    assert lasting(312.99) == "5 min 12 s"
    assert lasting(40.69) == "40.6 s"
    assert lasting(100.0) == "1 min 40 s"
    assert [lasting(t) for t in (0.0, None, 1e-4, 0.25, 30000.0)] == [
        "not at all", "without end", "100 µs", "250 ms", "8 h 20 min",
    ]  # fmt: skip


def test_limit_formulas_give_the_limits() -> None:
    assert limit_formula("ir-eye", "iec62471-2006", 100.0) == "18000 · t^(−0.75) W/m²"
    assert limit_formula("blue-light", "iec62471-2006", 1e4) == "1000000 / t W/(m² sr)".replace("1000000", "1 × 10⁶")
    assert limit_formula("retinal-thermal-weak", "iec62471-2006", 100.0) == "6000 / α W/(m² sr)"
    assert limit_formula("skin-thermal", "iec62471-2006", 100.0) == "no limit"


def test_svg_text_and_attributes_are_escaped() -> None:
    assert tag("text", "<b>&", x='"') == '<text x="&quot;">&lt;b&gt;&amp;</text>'
    assert visible("a\u202eb\x00c\nd") == "a[U+202E]b[U+0000]c\nd"


def test_the_contour_of_a_cone_is_a_circle() -> None:
    y, x = np.mgrid[0:41, 0:41] - 20.0
    ends = np.array(scale.contour(20.0 - np.hypot(x, y), 10.0)).reshape(-1, 2)
    assert len(ends) > 100
    assert np.hypot(*(ends - 20.0).T) == pytest.approx(10.0, abs=0.05)


def test_colours_turn_just_above_the_allowed_ratio() -> None:
    kinds = scale.classes(np.array([0.0, 0.5, 0.5 + 1e-9, 50.0]), 0.5)
    assert kinds.tolist() == [0, 4, 5, 7]
    assert len(scale.labels(0.5)) == len(scale.COLOURS) == len(scale.STEPS) + 1


@pytest.mark.parametrize("suffix", report.SUFFIXES)
def test_the_same_assessment_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    first, second = (tmp_path / f"{name}{suffix}" for name in ("a", "b"))
    report.write(tunnel(), first)
    report.write(tunnel(), second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [first.name, second.name]


def test_the_json_is_the_record() -> None:
    found = tunnel()
    assert report.render(found, ".json").decode() == found.text()


def test_the_pdf_is_pdf_a_2b_dated_by_the_record() -> None:
    found = report.render(tunnel(), ".pdf")
    assert b"<pdfaid:part>2</pdfaid:part>" in found and b"<pdfaid:conformance>B</pdfaid:conformance>" in found
    assert b"D:20260131000000" in found
    assert b"/JavaScript" not in found and b"/URI" not in found


def test_numbers_in_the_pdf_equal_those_of_the_record(tmp_path: Path) -> None:
    found = tunnel()
    report.write(found, tmp_path / "report.pdf")
    printed = _numbers(_pdf_text(tmp_path / "report.pdf"))
    record = json.loads(found.text())
    wanted = _wanted(record)
    assert len(wanted) > 90
    assert {name: value for name, value in wanted.items() if not _holds(printed, value)} == {}
    other = _wanted(json.loads(tunnel(0.937).text()))
    assert sum(not _holds(printed, value) for value in other.values()) > 30


def test_numbers_in_a_lamps_pdf_equal_those_of_its_record(tmp_path: Path) -> None:
    found = assess_fields(LAMP)
    report.write(found, tmp_path / "lamp.pdf")
    printed = _numbers(_pdf_text(tmp_path / "lamp.pdf"))
    rows = [row for case in found.to_json()["cases"] for row in case["hazards"] if row["applicable"]]  # type: ignore
    wanted = [row[key] for row in rows for key in ("level", "limit", "ratio")]
    wanted += [row["limit"] for group in found.to_json()["groups"] for row in group["rows"]]  # type: ignore
    assert len(wanted) > 20
    assert [value for value in wanted if not _holds(printed, value)] == []


def test_html_and_pdf_say_the_same(tmp_path: Path) -> None:
    report.write(tunnel(), tmp_path / "report.pdf")
    words = _html(report.render(tunnel(), ".html")).text
    for table in (block for block in report.compose(tunnel()).blocks if isinstance(block, Table)):
        for row in table.rows:
            assert all(cell in words for cell in row.cells)
    printed = " ".join(_pdf_text(tmp_path / "report.pdf").split())
    for text in ("Not acceptable: an exposure limit is exceeded", "not type testing", "Simple acceptance", "k = 2"):
        assert text in printed and text in " ".join(words.split())


def test_html_has_no_script_and_loads_nothing() -> None:
    found = _html(report.render(tunnel(), ".html"))
    assert "script" not in found.tags and "link" not in found.tags and "img" not in found.tags
    assert "svg" in found.tags
    assert not {name for name in found.attributes if name.startswith("on") or name in ("href", "src", "xlink:href")}
    assert found.unclosed == []


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_a_stage_are_only_ever_text(text: str, tmp_path: Path) -> None:
    plain, hostile = tunnel(), renamed(tunnel(), text)
    tags = _html(report.render(renamed(plain, "name"), ".html")).tags
    found = _html(report.render(hostile, ".html"))
    assert found.tags == tags
    assert visible(text) in found.text
    report.write(hostile, tmp_path / "report.pdf")
    printed = "".join(_pdf_text(tmp_path / "report.pdf").split())
    start = "".join(re.sub(r"[^\x20-\x7e].*", "", text, flags=re.DOTALL).split())
    assert start in printed


def test_typst_evaluates_nothing_of_a_name(tmp_path: Path) -> None:
    text = "#(40 + 2) #sys.version $ 1/2 $ #datetime.today()"
    report.write(renamed(tunnel(), text), tmp_path / "report.pdf")
    assert "#(40+2)#sys.version$1/2$#datetime.today()" in "".join(_pdf_text(tmp_path / "report.pdf").split())


@pytest.mark.parametrize(("factor", "kind"), [(1.0, "bad"), (0.3, "warn"), (0.1, "good")])
def test_the_verdict_has_words_and_a_sign_beside_its_colour(factor: float, kind: str) -> None:
    found = quiet(factor)
    assert tone(found) == kind
    banner = banner_of(found)
    assert banner.tone == kind
    assert banner.title.startswith("Not acceptable" if kind == "bad" else "Acceptable")


def test_what_a_pass_rests_on_stands_beside_it() -> None:
    """Two unverified numbers and two strobed lamps: a conditional verdict, with the sections that say more."""
    found = tunnel(0.1)
    banner, printed = banner_of(found), report.compose(found).blocks
    titles = [block.text for block in printed if isinstance(block, Heading) and block.level == 1]
    weak, faults = titles.index("Unverified numbers") + 1, titles.index("With one thing failed") + 1
    assert banner.tone == "warn" and "under the conditions below" in banner.title
    (first,) = (line for line in banner.lines if line.startswith("Condition 1:"))
    assert "2 numbers of evidence C or D, not read in a source: check before signing" in first
    assert f"section {weak}, Unverified numbers" in first
    (second,) = (line for line in banner.lines if line.startswith("Condition 2:"))
    assert "2 lamps of 3 strobe as declared (pulses of at most 100 µs, on for at most 0.2 % of the time)" in second
    assert f"section {faults}, With one thing failed" in second
    assert "no failure of it was judged" in str(banner_of(replace(found, faults=())))
    assert "Condition" not in str(banner_of(quiet()))
    assert "no single fault was judged" in str(banner_of(replace(quiet(), faults=())))


def test_section_numbers_on_page_one_are_those_that_are_printed(tmp_path: Path) -> None:
    found = tunnel(0.1)
    report.write(found, tmp_path / "report.pdf")
    printed = " ".join(_pdf_text(tmp_path / "report.pdf").split())
    words = " ".join(_html(report.render(found, ".html")).text.split())
    for text in (printed, words):
        pointed = re.findall(
            r"section (\d+), (Unverified numbers|With one thing failed|Flashing light and glare)", text
        )
        assert len(pointed) >= 3
        assert all(f"{number}. {title}" in text for number, title in pointed)


def test_a_single_fault_over_its_limit_is_no_pass_and_says_what_has_to_be_done() -> None:
    found = quiet()
    zones = tuple(replace(zone, passed=False, worst_ratio=1.7, t_max_s=40.0) for zone in found.faults[0].zones)
    stuck = replace(found.faults[0], passed=False, zones=zones)
    over = replace(found, passed=False, faults=(stuck, found.faults[1]))
    assert banner_of(over).title == "Not acceptable: with a single fault an exposure limit is exceeded"
    words = str(report.compose(over).blocks)
    assert "While everything works nothing has to change." in words
    assert "make it impossible, or have it noticed and the lamps off within 40 s (where it is worst, walkway)" in words
    for stay, said in ((math.inf, "bring the ratio of 1.7 in walkway down to what is allowed"),
                       (0.0, "noticing it is too late, the first pulse in walkway is over its limit")):  # fmt: skip
        other = replace(stuck, zones=tuple(replace(zone, t_max_s=stay) for zone in zones))
        assert said in str(report.compose(replace(over, faults=(other,))).blocks)
    (table,) = (
        block for block in report.compose(over).blocks if isinstance(block, Table) and block.caption == "All zones"
    )
    assert [row.tone for row in table.rows] == ["bad", "bad"]
    assert table.rows[0].cells[-1] == "exceeded: 1.7 (bar_stuck_on)"


def test_every_fault_has_a_table_of_its_zones_and_none_is_told() -> None:
    found = tunnel(0.1)
    tables = {block.caption: block for block in report.compose(found).blocks if isinstance(block, Table)}
    stuck = tables["bar_stuck_on: bar_left on without pause at full power"]
    assert [row.cells[:3] for row in stuck.rows] == [("walkway", "kept", "0.062"), ("seat", "kept", "0.0186")]
    assert "hood_removed: hood_left removed" in tables
    assert "No single fault was judged" in str(report.compose(replace(found, faults=())).blocks)


def test_flashing_is_told_on_page_one_and_glare_is_named_as_outside() -> None:
    found = tunnel(0.1)
    first = " ".join(str(block) for block in page_one(found))
    assert "20 flashes of saturated red light a second can provoke seizures" in first
    assert "no exposure limit covers that" in first and "Glare (dazzle" in first and "is outside this report" in first
    tables = {block.caption: block for block in report.compose(found).blocks if isinstance(block, Table)}
    assert tables["Lamps that flash"].rows[0].cells == (
        "bar_left, bar_right", "20", "41730 cd/m²", "yes", "yes", "0.5 %; 100 %",
    )  # fmt: skip
    evidence = [row.cells[-1] for row in tables["Guidance that this was held against"].rows]
    assert set(evidence) == {"A", "B", "C †", "D †"}
    dark = replace(found, flicker=())
    assert "no visible lamp flashes" in str(page_one(dark)) and "Glare (dazzle" in str(page_one(dark))


def test_what_a_report_is_filed_by_stands_on_page_one_and_in_the_record(tmp_path: Path) -> None:
    found = tunnel()
    block = page_one(found)[0]
    assert isinstance(block, Pairs)
    rows = dict(block.rows)
    assert rows["Document number"] == "ES-0042" and rows["Date of issue"] == "2026-01-31"
    assert rows["Client"] == "A client" and rows["Machine"] == "Tunnel 7"
    assert rows["Site"] == rows["Data sheets of the lamps"] == TO_FILL_IN
    assert json.loads(found.text())["document"]["document_number"] == "ES-0042"
    assert report.compose(found).footer.startswith("ES-0042")
    report.write(found, tmp_path / "report.pdf")
    printed = _pdf_text(tmp_path / "report.pdf").partition("\f")[0]
    assert "ES-0042" in printed and TO_FILL_IN.strip() in printed and "Not acceptable" in printed


def test_page_one_is_one_page(tmp_path: Path) -> None:
    """With a pass, conditions and faults: what follows the plan begins on page two."""
    report.write(tunnel(0.1), tmp_path / "report.pdf")
    first = _pdf_text(tmp_path / "report.pdf").partition("\f")[0]
    assert "What to change" in first and "The worst place" in first and "page 1 of" in first


def test_page_one_tells_place_and_changes() -> None:
    first = page_one(tunnel())
    words = " ".join(str(block) for block in first)
    assert "Lamp 1 (bar_left) causes most of it" in words
    assert "Extend the right edge of hood_left by 0.46 m. Ratio 3.172 → 0.213." in words
    assert any(isinstance(block, Figure) for block in report.compose(tunnel()).blocks[len(first) : len(first) + 3])


def test_a_pass_that_hides_something_is_no_clean_pass() -> None:
    kept = quiet(0.1)
    one = replace(kept, question=replace(kept.question, hazard="actinic-uv"), passed=True)
    over = replace(one, zones=tunnel().zones)
    loud = replace(kept, question=replace(kept.question, max_ratio=5.0))
    search = replace(kept.zones[0].convergence, converged=False)
    loose = replace(kept, zones=(replace(kept.zones[0], convergence=search), *kept.zones[1:]))
    assert [tone(found) for found in (kept, one, over, loud, loose)] == ["good", "good", "warn", "warn", "warn"]
    assert "Hazards that were not asked about exceed" in str(banner_of(over))
    assert "above the exposure limit itself" in str(banner_of(loud))


def test_a_larger_ratio_among_the_samples_is_not_kept_quiet() -> None:
    found = quiet(0.1)
    assert found.distribution is not None
    quantiles = {**found.distribution.quantiles, "max": 1.2 * found.worst_ratio}
    apart = replace(found, distribution=replace(found.distribution, quantiles=quantiles))
    assert (tone(found), tone(apart)) == ("good", "warn")
    assert "the larger one is the safe one" in str(banner_of(apart))


def test_a_guarded_failure_below_the_limit_is_told_as_such() -> None:
    found = tunnel(0.3)
    zones = tuple(replace(zone, passed=False) for zone in found.zones)
    guarded = replace(found, passed=False, zones=zones, question=replace(found.question, decision_rule="guarded"))
    assert "not shown to stay within" in banner_of(guarded).title


def test_unverified_rows_are_marked_and_listed() -> None:
    blocks = report.compose(tunnel()).blocks
    rows = [
        row
        for block in blocks
        if isinstance(block, Table) and "the eight hazards" in block.caption
        for row in block.rows
    ]
    assert {row.cells[-1] for row in rows} == {"A", "A / C †", "C / C †", "C †"}
    assert "skin-thermal: exposure limit, 4.3.8 (C)" in str(blocks)


def test_no_map_is_called_a_risk_group() -> None:
    captions = [block.caption for block in report.compose(tunnel()).blocks if isinstance(block, Figure)]
    assert captions and all("risk group" not in each.lower() or "not" in each.lower() for each in captions)


def test_a_stage_without_samples_cameras_and_mirrors_prints() -> None:
    found = tunnel()
    bare = replace(
        found,
        distribution=None,
        cameras=(),
        outlines=(),
        unverified=(),
        warnings=(),
        faults=(),
        flicker=(),
        document=Document(),
        zones=tuple(replace(zone, maps=(), remedies=()) for zone in found.zones),
    )
    assert report.render(bare, ".pdf").startswith(b"%PDF-1.7")
    assert b"no single change was found" in report.render(bare, ".html")
    nobody = replace(bare, zones=(), worst_zone="", passed=True, worst_ratio=0.0)
    assert b"Nothing judged" in report.render(nobody, ".html")


def test_bad_requests_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.html, \.pdf, \.json"):
        report.write(tunnel(), tmp_path / "report.doc")
    with pytest.raises(InputError, match="issued: found 'yesterday'; write the day as 2026-01-31"):
        Document(issued="yesterday")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        report.write(tunnel(), tmp_path / "file" / "report.json")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install 'synthgen\[report\]'"):
        report.render(tunnel(), ".pdf")


def page_one(found: SceneAssessment) -> tuple[Block, ...]:
    """Return the blocks before the first page break."""
    blocks = report.compose(found).blocks
    return blocks[: next(i for i, block in enumerate(blocks) if block.kind == "page_break")]


def banner_of(found: SceneAssessment) -> Banner:
    """Return the verdict of a report."""
    (banner,) = (block for block in report.compose(found).blocks if isinstance(block, Banner))
    return banner


class _Page(HTMLParser):
    """What an HTML file consists of."""

    VOID = ("meta", "br", "hr")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _html(content: bytes) -> _Page:
    page = _Page()
    page.feed(content.decode())
    return page


def _pdf_text(path: Path) -> str:
    if which("pdftotext") is None:
        pytest.skip("needs pdftotext (apt-get install poppler-utils)")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def _numbers(text: str) -> np.ndarray:
    """Return every number that a page shows, powers of ten included."""
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    found = []
    for mantissa, power in re.findall(r"(-?\d+(?:\.\d+)?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", text):
        found.append(float(mantissa) * 10.0 ** int(power.translate(superscripts) or 0))
    return np.array(found)


def _holds(printed: np.ndarray, value: float) -> bool:
    return bool((np.abs(printed - value) <= 5.01e-4 * abs(value)).any())


def _wanted(record: dict) -> dict[str, float]:
    """Return the numbers of a record that a signature is about, by their place in it."""
    found = {f"budget.{line['name']}": 100.0 * line["relative"] for line in record["budget"]["lines"]}
    found["budget.expanded"] = 100.0 * record["budget"]["expanded"]
    found["worst_ratio"] = record["worst_ratio"]
    for name, value in record["distribution"]["quantiles"].items():
        found[f"distribution.{name}"] = value
    for source in record["sources"]:
        keys = ("radiance_w_m2_sr", "peak_wavelength_nm", "centroid_wavelength_nm", "fwhm_nm", "rate_hz")
        found |= {f"{source['name']}.{key}": source[key] for key in keys}
    for zone in record["zones"]:
        found[f"{zone['name']}.worst_ratio"] = zone["worst_ratio"]
        found |= {f"{zone['name']}.{i}": value for i, value in enumerate(zone["worst_position_m"])}
        for case in zone["cases"]:
            for row in (row for row in case["hazards"] if row["applicable"]):
                place = f"{zone['name']}.{case['name']}.{row['hazard']}"
                found |= {f"{place}.{key}": row[key] for key in ("level", "limit", "ratio")}
        for each in zone["remedies"]:
            found[f"{zone['name']}.{each['kind']}"] = each["ratio_after"]
    return found
