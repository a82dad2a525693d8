"""Files of complaints become rows, whatever they are made of."""

import io
import struct
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ingest.channels.files import (
    Limits,
    Rejection,
    Row,
    Rows,
    Shape,
    SourceUnreadable,
    blamed,
    open_rows,
    slug,
)
from ingest.channels.files.mapping import Code, Mapping, Times


def opened(content: bytes, *, limits: Limits | None = None, **shape: str) -> Rows:
    return open_rows(
        io.BytesIO(content),
        size=len(content),
        shape=Shape(**shape),
        limits=limits or Limits(),
    )


def values(content: bytes, **shape: str) -> list[list[str | None] | Rejection]:
    return [
        [*row.values.values()] if isinstance(row, Row) else row for row in opened(content, **shape)
    ]


GOOD = [["1", "Lubang"], ["2", "Lampu"]]
TABLES = {
    "comma": (b"id,isi\n1,Lubang\n2,Lampu\n", GOOD),
    "semicolon": (b"id;isi\n1;Lubang\n2;Lampu\n", GOOD),
    "tab": (b"id\tisi\n1\tLubang\n2\tLampu\n", GOOD),
    "no end": (b"id,isi\n1,Lubang\n2,Lampu", GOOD),
    "CR LF": (b"id,isi\r\n1,Lubang\r\n2,Lampu\r\n", GOOD),
    "a mark": (b"\xef\xbb\xbfid,isi\n1,Lubang\n2,Lampu\n", GOOD),
    "a spreadsheet's note": (b"sep=;\nid;isi\n1;Lubang\n2;Lampu\n", GOOD),
    "empty lines": (b"id,isi\n\n1,Lubang\n\n\n2,Lampu\n", GOOD),
    "more, but empty": (b"id,isi\n1,Lubang,,\n2,Lampu,\n", GOOD),
    "quotes": (b'id,isi\n1,"a ""b"", c"\n', [["1", 'a "b", c']]),
    "a line break inside": (b'id,isi\n1,"a\r\nb"\n', [["1", "a\r\nb"]]),
    "a delimiter inside the heading": (b'"a;b",isi,c\n1,2,3\n', [["1", "2", "3"]]),
    "blank is nothing": (b"id,isi\n1,  \n", [["1", None]]),
    "UTF-8": ("id,isi\n1,Café é\n".encode(), [["1", "Café é"]]),
    "Windows": ("id,isi\n1,Café “é”\n".encode("cp1252"), [["1", "Café “é”"]]),
}


@pytest.mark.parametrize("case", TABLES)
def test_tables_are_read_however_they_are_written(case):
    content, expected = TABLES[case]
    assert values(content) == expected


def test_what_was_found_out_about_a_table_is_told():
    assert opened("id;isi\n1;é\n".encode("cp1252")).shape == Shape("csv", "cp1252", ";")
    assert opened(b"id,isi\n").columns == ["id", "isi"]
    assert opened(b" id ,isi\xc2\xa0 laporan,isi laporan,,isi laporan\n").columns == [
        "id",
        "isi laporan",
        "isi laporan (2)",
        "isi laporan (3)",
    ]


def test_a_row_that_is_none_fails_alone_and_is_named_by_the_line_it_begins_on():
    content = b'id,isi\n1,"two\nlines"\nshort\n2,b\n3,"a"b\n4,d\n'
    assert values(content) == [
        ["1", "two\nlines"],
        Rejection(4, "", "2 columns, as in the heading"),
        ["2", "b"],
        Rejection(6, "", "a row of CSV (RFC 4180)"),
        ["4", "d"],
    ]


def test_a_quote_that_never_closes_costs_its_own_row_only():
    rows = [f"{number},baris {number}" for number in range(50)]
    rows[7] = '7,"tidak ditutup'
    rows[30] = '30,"tidak juga'
    found = [*opened(("id,isi\n" + "\n".join(rows) + "\n").encode())]
    assert [row.line for row in found if isinstance(row, Rejection)] == [9, 32]
    assert [row.line for row in found] == [*range(2, 52)]


def test_a_row_in_another_encoding_fails_alone():
    content = "id,isi\n1,é\n2,é\n".encode() + b"3,\xe9\n"
    assert values(content)[2] == Rejection(4, "isi", "text in utf-8")
    assert values(content, encoding="latin-1")[2] == ["3", "é"]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=2, max_size=2
        ),
        max_size=6,
    ),
    st.sampled_from(",;\t"),
)
def test_whatever_csv_writes_is_read_back(rows, delimiter):
    import csv

    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b"], *rows])
    content = text.getvalue().encode()
    expected = [[one if one.strip() else None for one in row] for row in rows]
    assert values(content, format="csv") == expected


@given(st.binary(max_size=300), st.sampled_from(["csv", "ndjson", "xlsx", None]))
def test_no_bytes_at_all_are_more_than_unreadable(content, kind):
    try:
        rows = [*opened(content, format=kind)]
    except SourceUnreadable:
        return
    assert all(isinstance(row, Row | Rejection) for row in rows)


def test_lines_of_ndjson_that_are_no_rows_fail_alone():
    lines = [
        b'{"id": 7, "by": {"name": "A"}}',
        b"",
        b"{",
        b"[1]",
        b'{"id": {"a": 1}}',
        b'{"id": "\xff"}',
    ]
    found = [
        *open_rows(
            io.BytesIO(b"\n".join(lines)), size=99, wanted=frozenset({"id", "text", "by.name"})
        )
    ]
    assert found[0] == Row(1, {"id": "7", "text": None, "by.name": "A"})
    assert found[1:] == [
        Rejection(3, "", "one JSON object in UTF-8 on a line"),
        Rejection(4, "", "a JSON object"),
        Rejection(5, "id", "a text or a number"),
        Rejection(6, "", "one JSON object in UTF-8 on a line"),
    ]


def test_members_of_members_are_columns_too():
    content = b'{"id": 1, "author": {"name": "A"}}\n{"text": "b"}\n'
    assert opened(content).columns == ["id", "author.name", "text"]


def test_a_line_without_an_end_costs_no_memory():
    found = [*opened(b"x" * (5 << 20) + b"\n" + b'{"no": 1}', format="ndjson")]
    assert [one.line for one in found] == [1, 2]
    assert isinstance(found[0], Rejection)


def workbook(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


CELLS = {
    "a number": (1234567890123, "1234567890123"),
    "a broken number": (-6.5971, "-6.5971"),
    "a whole number with a point": (42.0, "42"),
    "a day": (date(2024, 2, 24), "2024-02-24 00:00:00"),
    "a moment": (datetime.fromisoformat("2024-02-24 13:30:21"), "2024-02-24 13:30:21"),
    "a time of day": (time(13, 30, 21), "13:30:21"),
    "text that looks like a number": ("007", "007"),
    "a formula": ("=1+1", None),
    "a command": ("=cmd|' /C calc'!A0", None),
    "nothing": (None, None),
}


@pytest.mark.parametrize("case", CELLS)
def test_cells_are_read_by_their_values(case):
    cell, expected = CELLS[case]
    [row] = values(workbook(["id", "nilai"], ["a", cell]))
    assert row == ["a", expected]


def test_empty_rows_of_a_sheet_are_passed_over_and_counted():
    content = workbook(["id", "isi"], [], ["1", "a"], [None, None], ["2"])
    assert [*opened(content)] == [Row(3, {"id": "1", "isi": "a"}), Row(5, {"id": "2", "isi": None})]


def repacked(content: bytes, name: str, change) -> bytes:
    """A workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            part = old.read(member)
            new.writestr(member, change(part) if member == name else part, zipfile.ZIP_DEFLATED)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_small_workbook_that_unpacks_to_a_huge_one_is_refused_unread():
    bomb = repacked(workbook(["isi"], ["a"]), SHEET, lambda part: part + b" " * (40 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(SourceUnreadable, match="32 MiB unpacked"):
        opened(bomb, limits=Limits(unpacked_bytes=32 << 20))


def test_a_workbook_that_lies_about_its_size_is_refused():
    bomb = bytearray(
        repacked(workbook(["isi"], ["a"]), SHEET, lambda part: part + b" " * (4 << 20))
    )
    # the directory says that every part has ten bytes
    place = bomb.find(b"PK\x01\x02")
    while place >= 0:
        bomb[place + 24 : place + 28] = struct.pack("<I", 10)
        place = bomb.find(b"PK\x01\x02", place + 4)
    with pytest.raises(SourceUnreadable):
        [*opened(bytes(bomb))]


def test_a_sheet_that_claims_to_be_endless_is_read_as_it_is():
    def claim(part: bytes) -> bytes:
        part = part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"')
        return part.replace(b'<row r="2"', b'<row r="900000"').replace(b'"A2"', b'"A900000"')

    content = repacked(workbook(["id", "isi"], ["1", "a"]), SHEET, claim)
    assert len([*opened(content)]) == 1


def test_entities_that_grow_are_not_read():
    names = b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    laugh = b'<!DOCTYPE x [<!ENTITY e0 "ha">' + names + b"]>"

    def insert(part: bytes) -> bytes:
        head, _, rest = part.partition(b"<worksheet")
        return head + laugh + b"<worksheet" + rest.replace(b"<v>0</v>", b"<v>&e9;</v>")

    content = repacked(workbook(["isi"], ["a"]), SHEET, insert)
    try:
        found = [*opened(content)]
    except SourceUnreadable:
        return
    assert len(str(found)) < 10_000


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (b"isi\na\nb\nc\n", Limits(rows=2)),
        (b"a,b,c\n1,2,3\n4,5,6\n", Limits(cells=5)),
        (b"a,b,c\n1,2,3\n", Limits(columns=2)),
        (b'{"a": 1}\n{"a": 2}\n{"a": 3}\n', Limits(rows=2)),
        (workbook(["a"], ["1"], ["2"], ["3"]), Limits(rows=2)),
        (workbook(["a", "b", "c"]), Limits(columns=2)),
    ],
    ids=["rows", "cells", "columns", "lines", "rows of a sheet", "columns of a sheet"],
)
def test_a_file_that_holds_more_than_it_may_is_refused(content, limits):
    with pytest.raises(SourceUnreadable, match="at most"):
        [*opened(content, limits=limits)]


MOMENTS = {
    "24 Feb 2024": "2024-02-24T00:00:00+07:00",
    "24 Februari 2024 13:30:21": "2024-02-24T13:30:21+07:00",
    "1 Agustus 2023": "2023-08-01T00:00:00+07:00",
    "1 Agu 2023 07.05": "2023-08-01T07:05:00+07:00",
    "9 Mei 2024": "2024-05-09T00:00:00+07:00",
    "9 May 2024": "2024-05-09T00:00:00+07:00",
    "03 Okt 2024": "2024-10-03T00:00:00+07:00",
    "03 Oct 2024": "2024-10-03T00:00:00+07:00",
    "12 Desember 2024, 23:59": "2024-12-12T23:59:00+07:00",
    "12-Dec-2024": "2024-12-12T00:00:00+07:00",
    "05/02/2024 8:00": "2024-02-05T08:00:00+07:00",
    "2024-02-24": "2024-02-24T00:00:00+07:00",
    "2024-02-24 13.30": "2024-02-24T13:30:00+07:00",
    "2024-02-24T13:30:21Z": "2024-02-24T13:30:21+00:00",
    "24 Feb 2024 13:30 WITA": "2024-02-24T13:30:00+08:00",
}


@pytest.mark.parametrize("written", MOMENTS)
def test_times_are_read_as_people_write_them(written):
    assert Times(format="any", zone="+07:00").read(written).isoformat() == MOMENTS[written]


@pytest.mark.parametrize(
    "written",
    ["31 Feb 2024", "24 Foo 2024", "13/13/2024", "kemarin", "24 Feb", "24 Feb 2024 25:00"],
)
def test_what_is_no_time_is_no_time(written):
    with pytest.raises((ValueError, KeyError)):
        Times(format="any", zone="+07:00").read(written)


CODE = Code(
    column="c",
    values={"Website*": "web", "Tatap  Muka": "counter"},
    default="file",
    unknown="other",
)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Website", "web"),
        ("WEBSITE - instansi-contoh", "web"),
        ("tatap muka", "counter"),
        ("Merpati", "other"),
        (None, "file"),
    ],
)
def test_values_of_a_column_lead_to_codes(value, code):
    assert CODE.of(value) == code


def test_a_value_that_leads_nowhere_is_refused_unless_the_mapping_is_lenient():
    strict = Code(column="c", values={"a": "b"})
    with pytest.raises(KeyError):
        strict.of("x")
    assert Code(column="c", values={"a": "b"}, lenient=True).of("x") is None


MAPPING = Mapping.model_validate(
    {
        "source": "a-city",
        "times": {"zone": "+07:00"},
        "id": "no",
        "text": ("subject", ("words", "more")),
        "address": ("street", "quarter"),
        "position": {"lat": "y", "lon": "x"},
        "author": {"phone": "tel"},
        "channel": "web",
        "agency": {"column": "office"},
        "received_at": "came",
        "closed_at": "closed",
    }
)


@pytest.mark.parametrize(
    ("pointer", "column"),
    [
        ("/text", "subject, words, more"),
        ("/external_id", "no"),
        ("/posted_at", "came"),
        ("/agency", "office"),
        ("/closed_at", "closed"),
        ("/channel", "channel"),
        ("/location/address", "street, quarter"),
        ("/location/lat", "y"),
        ("/author/phone", "tel"),
        ("/author/email", "author"),
        ("/disposition", "disposition"),
        ("", ""),
    ],
)
def test_a_refused_field_is_blamed_on_its_column(pointer, column):
    assert blamed(pointer, MAPPING) == column


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Jalan Raya/Gang", "jalan_raya_gang"),
        ("  Déchets (vert) ", "dechets_vert"),
        ("x" * 200, "x" * 64),
        ("東京", None),
    ],
)
def test_slug(words, code):
    assert slug(words) == code
