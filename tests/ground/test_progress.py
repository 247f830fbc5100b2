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
    assert watch.line(0.0) == "2/10 shots, 0.00 samples/s, ETA unknown"
    watch.advance(4, 8)
    assert watch.line(16.0) == "6/10 shots, 0.50 samples/s, ETA 0:16"


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
