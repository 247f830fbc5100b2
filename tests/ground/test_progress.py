"""Progress as lines and as a bar."""

import io
import time

import pytest

from synthgen import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_done_rate_and_time_left():
    watch = progress.Plain(io.StringIO(), period_s=0.0)
    watch.begin(10, 2)
    assert watch.line(0.0) == "2/10 shots, ETA unknown"
    watch.advance(4, 8)
    assert watch.line(16.0) == "6/10 shots, 0.50 samples/s, ETA 0:16"


def test_until_something_is_done_the_expected_time_stands_in():
    watch = progress.Plain(io.StringIO(), period_s=0.0)
    watch.begin(4, 1, unit_s=30.0)
    assert watch.line(0.0) == "1/4 shots, ETA about 1:30"
    assert watch.line(20.0) == "1/4 shots, ETA about 1:10"
    assert watch.line(100.0) == "1/4 shots, ETA unknown"
    watch.advance(1, 2)
    assert watch.line(100.0) == "2/4 shots, 0.02 samples/s, ETA 3:20"


def test_a_part_of_a_shot_moves_the_line_and_gives_a_time():
    watch = progress.Plain(io.StringIO(), period_s=0.0)
    watch.begin(4, 0)
    watch.advance(1 / 3, 1)
    assert watch.line(10.0) == "0.3/4 shots, 0.10 samples/s, ETA 1:50"
    watch.advance(2 / 3, 2)
    assert watch.line(30.0).startswith("1/4 shots, 0.10 samples/s, ETA 1:30")


def test_pieces_in_work_count_by_what_they_told_and_in_the_end_by_what_they_came_to():
    watch = progress.Plain(io.StringIO(), period_s=0.0)
    watch.begin(12, 0)
    parts = progress.Parts(watch)
    parts.at("a", 1.5, 3)
    parts.at("b", 0.5, 1)
    assert watch.line(8.0).startswith("2/12 shots, 0.50 samples/s")
    parts.end("a", 4, 8)
    parts.at("a", 3.5, 7)  # a message that was under way
    parts.end("b")  # lost with its worker
    assert watch.line(8.0).startswith("4/12 shots, 1.00 samples/s")
    parts.end("c", 4, 8)  # of which nothing was heard
    assert watch.line(8.0).startswith("8/12 shots, 2.00 samples/s")


def test_a_command_that_counts_by_itself_names_its_unit(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_PERIOD_S", 0.05)
    stream = io.StringIO()
    with progress.counting("plain", stream, "points") as tell:
        for done in range(1, 5):
            tell(done, 4)
            time.sleep(0.06)
        tell("codes read", 1, 2)
        time.sleep(0.12)
    said = stream.getvalue()
    assert " points/s, ETA 0:00" in said
    assert "1/2 codes read, " in said


def test_lines_come_every_period_until_it_is_over():
    stream = io.StringIO()
    watch = progress.Plain(stream, period_s=0.05)
    watch.begin(10, 0)
    until = time.monotonic() + 5
    while stream.getvalue().count("\n") < 2 and time.monotonic() < until:
        time.sleep(0.01)
    watch.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("0/10 shots") for line in lines)
    time.sleep(0.12)
    assert stream.getvalue().splitlines() == lines


@pytest.mark.parametrize(("mode", "stream"), [("auto", io.StringIO()), ("plain", _Terminal()), ("none", _Terminal())])
def test_notes_are_plain_lines_without_a_terminal_or_on_request(mode, stream):
    with progress.watching(mode, stream) as watch:
        watch.note("warning: [bold]x[/bold]")
        watch.begin(1, 0)
        watch.advance(1, 1)
    assert stream.getvalue() == "warning: [bold]x[/bold]\n"


def test_a_terminal_gets_a_bar_unless_colour_is_off(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = _Terminal()
    with progress.watching("auto", stream) as watch:
        watch.begin(4, 0)
        watch.note("warning: [bold]x[/bold]")
        watch.advance(4, 8)
    assert "4/4" in stream.getvalue()
    assert "[bold]x[/bold]" in stream.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = _Terminal()
    with progress.watching("auto", plain) as watch:
        watch.begin(4, 0)
    assert "\x1b" not in plain.getvalue()
