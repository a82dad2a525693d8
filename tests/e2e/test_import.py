"""`lintas import` against a running city, with rows of our own making."""

import json
import subprocess
from pathlib import Path

import pytest

from .city import CHECKOUT, LINTAS, City

pytestmark = pytest.mark.stack

ROWS = """\
Nomor Laporan;Tanggal;Isi Laporan
L-1;24 Feb 2024;Lampu jalan mati di depan balai warga
L-2;25 Februari 2024;Saluran air tersumbat sampah
L-3;31 Feb 2024;Tanggal ini tidak ada
"""


@pytest.fixture(scope="module")
def source(home_folder: Path) -> Path:
    path = home_folder / "desk.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def lintas_import(city: City, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTAS, "import", *options],
        cwd=CHECKOUT,
        env=city.environ(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_is_checked_then_imported_then_all_known(city: City, source: Path):
    checked = lintas_import(city, "--dry-run", "--json", "--source", "loket", source)
    assert checked.returncode == 1, checked.stderr
    told = json.loads(checked.stdout)
    assert (told["state"], told["accepted"], told["rejected"]) == ("checked", 2, 1)
    assert told["preview"]["mapping"]["id"] == "Nomor Laporan"
    done = lintas_import(city, "--json", "--source", "loket", source)
    told = json.loads(done.stdout)
    assert (told["state"], told["accepted"], told["duplicate"]) == ("done", 2, 0)
    assert told["rejections"] == [
        {
            "line": 4,
            "field": "Tanggal",
            "expected": "a time such as 2024-02-24 13:30:21, 24 Feb 2024 or 24/02/2024",
        }
    ]
    again = json.loads(lintas_import(city, "--json", "--source", "loket", source).stdout)
    assert (again["accepted"], again["duplicate"]) == (0, 2)


def test_people_are_told_how_it_ended_and_what_was_wrong(city: City, source: Path, tmp_path: Path):
    report = tmp_path / "report"
    done = lintas_import(city, "--source", "loket", "--report", report, source)
    assert done.returncode == 1
    assert "0 of 3 rows are new complaints, 2 are known or repeated, 1 rejected" in done.stdout
    assert json.loads(report.read_text())["line"] == 4
    preview = lintas_import(city, "--dry-run", "--source", "loket", source).stdout
    assert "Isi Laporan" in preview
    assert "2024-02-24T00:00:00+07:00" in preview


def test_a_mapping_of_ones_own_decides(city: City, source: Path, tmp_path: Path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        'source: meja\ntimes: {zone: "+09:00", format: any}\nid: Nomor Laporan\n'
        "text: [Isi Laporan]\nchannel: counter\n",
        encoding="utf-8",
    )
    done = json.loads(lintas_import(city, "--json", "--mapping", mapping, source).stdout)
    assert (done["state"], done["accepted"], done["rejected"]) == ("done", 3, 0)
    assert done["mapping"]["source"] == "meja"


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (None, (), "FileNotFoundError"),
        ("a,b\n1,2\n", (), "isi_laporan"),
        ("", (), "body is empty"),
        (ROWS, ("--zone", "Asia/Nowhere"), "zone"),
        (ROWS, ("--history",), "--mapping"),
    ],
    ids=["no file", "no words", "empty", "zone", "history"],
)
def test_what_is_wrong_is_one_line_and_no_bar(city, tmp_path, content, options, expected):
    source = tmp_path / "source.csv"
    if content is not None:
        source.write_text(content, encoding="utf-8")
    done = lintas_import(city, *options, source)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert expected in done.stderr.replace("\n", " ")
    assert "━" not in done.stderr
