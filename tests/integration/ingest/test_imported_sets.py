"""Real files, where they are at hand: every row has its right place in the report."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any

import pytest
from openpyxl import Workbook
from tests.beside import DATA

from .test_file_imports import Archive, counts

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here"),
]

#: column of an SP4N-LAPOR export → member of the sets that were made from such exports
EXPORT = {
    "Tracking ID": "id",
    "Tanggal Laporan Masuk": None,
    "Waktu Laporan Masuk": None,
    "Nama Pelapor": None,
    "Klasifikasi Laporan": "classification",
    "ID Kategori": None,
    "Kategori": "category",
    "Judul Laporan": "title",
    "Isi Laporan Awal": "text",
    "Isi Laporan Akhir": None,
    "Tipe Laporan (Anonim/Rahasia)": None,
    "Sumber Laporan": "channel",
    "Instansi Induk": None,
    "ID Instansi Terdisposisi": None,
    "Instansi Terdisposisi": "agency",
    "Status Laporan": "status",
    "Alasan Tunda/Arsip": "archive_reason",
    "Provinsi": None,
    "Kota/Kabupaten": None,
    "Kecamatan": "kecamatan",
    "Kelurahan": "kelurahan",
}


def lines(name: str) -> bytes:
    return (DATA / name / "dev.jsonl").read_bytes()


def exported(name: str, *, cells: bool = False) -> list[list[Any]]:
    """The rows as an export of SP4N-LAPOR writes them; with real date cells, if asked."""
    table: list[list[Any]] = [[*EXPORT]]
    for line in lines(name).splitlines():
        row = json.loads(line)
        moment = datetime.fromisoformat(row["created"])
        values = {column: row.get(member) or "" for column, member in EXPORT.items() if member}
        day, clock = (
            (moment.date(), moment.time())
            if cells
            else (f"{moment:%d %b %Y}", f"{moment:%H:%M:%S}")
        )
        values |= {"Tanggal Laporan Masuk": day, "Waktu Laporan Masuk": clock}
        table.append([values.get(column, "") for column in EXPORT])
    return table


def as_csv(name: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(exported(name))
    return text.getvalue().encode("utf-8-sig")


def as_workbook(name: str) -> bytes:
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in exported(name, cells=True):
        sheet.append([f"'{cell}" if str(cell).startswith("=") else cell for cell in row])
    book.save(file)
    return file.getvalue()


SETS: dict[str, tuple[Callable[[str], bytes], str, int]] = {
    "Surabaya": (lines, "sby_mediacenter", 7_524),
    "Kabupaten Bandung": (lines, "kabbdg_sp4n", 1_282),
    "Kabupaten Bandung, exported": (as_csv, "kabbdg_sp4n", 1_282),
    "Kabupaten Bandung, workbook": (as_workbook, "kabbdg_sp4n", 1_282),
    "Samarinda": (lines, "samarinda_sp4n", 146),
    "Samarinda, exported": (as_csv, "samarinda_sp4n", 146),
    "tweets": (lines, "bandung_tweets", 4_516),
}


@pytest.mark.parametrize("case", SETS)
async def test_every_row_is_accepted_once_and_a_duplicate_ever_after(ingest, capsys, case):
    read, name, number = SETS[case]
    content = read(name)
    archive = Archive(ingest)
    began = perf_counter()
    found = await archive.done(content, zone="+07:00")
    seconds = perf_counter() - began
    assert found["failure"] is None
    assert counts(found) == (number, number, 0, 0)
    assert await ingest.count("complaint") == number
    reported = await ingest.database.fetch(
        "SELECT row_number FROM file_import_row WHERE outcome = 'accepted'"
    )
    assert len({row["row_number"] for row in reported}) == number
    assert counts(await archive.done(content, zone="+07:00")) == (number, 0, number, 0)
    with capsys.disabled():
        print(f"\n{case}: {number} rows, {len(content) >> 10} KiB, {number / seconds:.0f} rows/s")  # noqa: T201


async def test_a_broken_row_of_a_real_file_is_reported_and_stops_no_other(ingest):
    table = exported("kabbdg_sp4n")
    table[100][1] = "31 Feb 2024"
    table[200][7] = table[200][8] = ""
    table[300] = [*table[299]]
    table[400][0] = "naïve"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    found = await Archive(ingest).done(text.getvalue().encode())
    assert counts(found) == (1_282, 1_278, 1, 3)
    rejected = await ingest.database.fetch(
        "SELECT errors FROM file_import_row WHERE outcome = 'rejected' ORDER BY row_number"
    )
    columns = [[error["column"] for error in json.loads(row["errors"])] for row in rejected]
    assert columns == [
        ["Tanggal Laporan Masuk"],
        ["Judul Laporan, Isi Laporan Awal, Isi Laporan Akhir"],
        ["Tracking ID"],
    ]
