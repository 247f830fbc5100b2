"""`synthgen safety limit|lamp|laser`: JSON, text and exit codes."""

import json

import pytest
from cyclopts import App

from synthgen.commands.safety import safety
from synthgen.errors import CheckFailed, InputError, UsageError

DIE = "lamp --peak-nm 850 --fwhm-nm 35 --shape rect --size-m 0.001 --power-w 1"


@pytest.fixture
def run(capsys):
    app = App(name="synthgen", result_action="return_value")
    app.command(safety)

    def words(line, *more):
        app(["safety", *line.split(), *more], exit_on_error=False, print_error=False)
        return capsys.readouterr().out

    return words


def test_limit_gives_the_contract_object(run):
    found = json.loads(run("limit --hazard blue-light --duration-s 100 --wavelength-nm 450 --json"))
    assert (found["limit"], found["weight"], found["unit"]) == (1e4, 0.94, "W/(m2 sr)")
    assert "10000 W/(m2 sr)" in run("limit --hazard blue-light --duration-s 100")


def test_a_hazard_that_does_not_apply_is_null_and_no_error(run):
    found = json.loads(run("limit --hazard retinal-thermal-weak --duration-s 5 --json"))
    assert (found["limit"], found["applicable"]) == (None, False)
    assert found["reason"]


def test_lamp_by_flags_and_by_file_agree(run, tmp_path):
    file = tmp_path / "die.yaml"
    file.write_text("peak_nm: 850\nfwhm_nm: 35\nshape: rect\nsize_mm: 1\npower_mw: 1000\n")
    by_flags, by_file = json.loads(run(DIE + " --json")), json.loads(run("lamp --json", str(file)))
    assert by_file == by_flags
    assert by_flags["risk_group"] == "Exempt"
    assert "retinal-thermal" in run(DIE)


def test_a_declared_limit_that_is_exceeded_fails(run):
    run(DIE + " --max-group Exempt --max-ratio 1")
    with pytest.raises(CheckFailed, match="above 0"):
        run(DIE + " --max-ratio 0.001")
    with pytest.raises(CheckFailed, match="RG2, above RG1"):
        run("lamp --spectrum white_led --cct-k 5000 --size-m 0.03 --power-w 200 --max-group RG1")
    with pytest.raises(CheckFailed, match="class 3R"):
        run("laser --wavelength-nm 650 --power-w 0.004 --diameter-m 0.002 --max-class 2M")


def test_laser_gives_class_and_nohd(run):
    found = json.loads(run("laser --wavelength-nm 660 --power-w 0.014 --fan-rad 1 --json"))
    assert found["laser_class"] == "2"
    scanned = run("laser --wavelength-nm 650 --power-w 0.001 --diameter-m 0.001 --scan-rad 0.8727 --lines-per-s 100")
    assert scanned.startswith("class 1,")
    assert "class with the scan stopped: 2" in scanned


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("limit --hazard glare --duration-s 1", InputError),
        ("lamp --power-w 1 --size-m 0.1", InputError),
        ("lamp nowhere.yaml", InputError),
        (DIE + " --max-group RG9", UsageError),
        ("laser --wavelength-nm 650 --power-w 1 --diameter-m 0.001 --max-class 5", UsageError),
        ("laser --wavelength-nm 650 --power-w 1 --fan-rad 1 --scan-rad 1", InputError),
    ],
)
def test_wrong_input_is_refused(run, line, error):
    with pytest.raises(error):
        run(line)


@pytest.mark.parametrize("text", ["power_w: [", "- 1\n", "power_w: 1\npower_w: 2\n"])
def test_a_damaged_lamp_file_is_refused(run, tmp_path, text):
    (tmp_path / "l.yaml").write_text(text)
    with pytest.raises(InputError, match=r"l\.yaml"):
        run("lamp", str(tmp_path / "l.yaml"))
