"""Headings suggest what columns mean."""

import pytest

from ingest.channels.files import (
    Code,
    Mapped,
    Row,
    SourceUnreadable,
    Wishes,
    mention_of,
    propose,
    resolve,
)
from lintas.vocabulary.terms import Anonymity

WISHES = Wishes(source="loket", zone="Asia/Jakarta")
#: the columns of an export of SP4N-LAPOR
EXPORT = (
    *("Tracking ID", "Tanggal Laporan Masuk", "Waktu Laporan Masuk", "Nama Pelapor"),
    *("Klasifikasi Laporan", "ID Kategori", "Kategori", "Judul Laporan", "Isi Laporan Awal"),
    *("Isi Laporan Akhir", "Tipe Laporan (Anonim/Rahasia)", "Sumber Laporan", "Instansi Induk"),
    *("ID Instansi Terdisposisi", "Instansi Terdisposisi", "Status Laporan"),
    *("Alasan Tunda/Arsip", "Provinsi", "Kota/Kabupaten", "Kecamatan", "Kelurahan"),
)


def mention(columns, wishes=WISHES, fallback="f", **values):
    mapping = propose(columns, wishes)
    row = Row(2, dict.fromkeys(mapping.columns) | values)
    found = resolve(row, mapping)
    assert isinstance(found, Mapped)
    return mention_of(found, mapping, fallback_id=fallback)


def exported(wishes=WISHES, **changes):
    told = {
        "Tracking ID": "1234567",
        "Tanggal Laporan Masuk": "24 Feb 2024",
        "Waktu Laporan Masuk": "13:30:21",
        "Nama Pelapor": "Siti Contoh",
        "Judul Laporan": "Lampu jalan",
        "Isi Laporan Awal": "Lampu mati sejak kemarin",
        "Sumber Laporan": "Website - pemerintah-contoh",
        "Klasifikasi Laporan": "Pengaduan Berkadar Pengawasan",
        "Kecamatan": "Contoh Utara",
    }
    return mention(EXPORT, wishes, **(told | changes))


def test_an_export_of_sp4n_becomes_mentions():
    assert exported() == {
        "channel": "web",
        "account": "sp4n-lapor",
        "external_id": "1234567",
        "text": "Lampu jalan\nLampu mati sejak kemarin",
        "posted_at": "2024-02-24T13:30:21+00:00",
        "author": {"name": "Siti Contoh"},
        "location": {"address": "Contoh Utara"},
        "class": "complaint",
        "category": None,
        "anonymity": "anonymous",
    }


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("Tipe Laporan (Anonim/Rahasia)", None, "anonymity", "anonymous"),
        ("Tipe Laporan (Anonim/Rahasia)", "Anonim", "anonymity", "anonymous"),
        ("Tipe Laporan (Anonim/Rahasia)", "Rahasia", "anonymity", "secret"),
        ("Tipe Laporan (Anonim/Rahasia)", "Anonim|Rahasia", "anonymity", "secret"),
        ("Tipe Laporan (Anonim/Rahasia)", "???", "anonymity", "secret"),
        ("Klasifikasi Laporan", "Pengaduan Tidak Berkadar Pengawasan", "class", "complaint"),
        ("Klasifikasi Laporan", "Permintaan Informasi", "class", "information_request"),
        ("Klasifikasi Laporan", "Aspirasi", "class", "aspiration"),
        ("Klasifikasi Laporan", None, "class", None),
        ("Klasifikasi Laporan", "Lain", "class", None),
        ("Sumber Laporan", "Website", "channel", "web"),
        ("Sumber Laporan", "Website Institusi", "channel", "web"),
        ("Sumber Laporan", "Android", "channel", "android"),
        ("Sumber Laporan", "ios", "channel", "ios"),
        ("Sumber Laporan", "SMS", "channel", "sms"),
        ("Sumber Laporan", "Whatsapp", "channel", "whatsapp"),
        ("Sumber Laporan", "Call Center", "channel", "phone"),
        ("Sumber Laporan", "Hotline Service", "channel", "phone"),
        ("Sumber Laporan", "Email Instansi", "channel", "email"),
        ("Sumber Laporan", "Tatap Muka", "channel", "counter"),
        ("Sumber Laporan", "Pos Surat", "channel", "letter"),
        ("Sumber Laporan", "Merpati Pos", "channel", "file"),
        ("Sumber Laporan", None, "channel", "file"),
        ("Tracking ID", None, "external_id", "f"),
        ("Tanggal Laporan Masuk", None, "posted_at", None),
        ("Isi Laporan Awal", None, "text", "Lampu jalan"),
    ],
)
def test_what_the_export_says_leads_to_our_words(column, value, field, expected):
    assert exported(**{column: value})[field] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Lampu Jalan", "lampu_jalan", id="words"),
        pytest.param("x" * 61, None, id="too long for a code"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_column_of_categories_is_what_the_source_states(value, expected):
    mapping = propose(EXPORT, WISHES)
    mapping = mapping.model_copy(update={"category": Code(column="Kategori", slug=True)})
    row = Row(2, {"Isi Laporan Awal": "Lampu mati", "Kategori": value})
    found = resolve(row, mapping)
    assert isinstance(found, Mapped)
    assert mention_of(found, mapping)["category"] == expected


def test_an_import_may_say_that_who_says_nothing_is_open():
    wishes = Wishes(source="loket", zone="Asia/Jakarta", anonymity=Anonymity.OPEN)
    tipe = "Tipe Laporan (Anonim/Rahasia)"
    assert exported(wishes)["anonymity"] == "open"
    assert exported(wishes, **{tipe: "Anonim"})["anonymity"] == "anonymous"
    assert exported(wishes, **{tipe: "salah ketik"})["anonymity"] == "secret"


@pytest.mark.parametrize(
    ("stated", "columns", "zone"),
    [
        (None, EXPORT, "+00:00"),
        ("+08:00", EXPORT, "+08:00"),
        (None, ("isi", "tanggal"), "Asia/Jakarta"),
        (None, ("text", "created_utc"), "+00:00"),
    ],
)
def test_the_zone_is_stated_or_known_of_the_source_or_the_citys(stated, columns, zone):
    wishes = Wishes(source="loket", zone="Asia/Jakarta", stated_zone=stated)
    assert propose(columns, wishes).times.zone == zone


def test_snake_case_names_of_the_export_are_known():
    columns = ("tracking_id", "tanggal_masuk", "isi_laporan_awal", "dinas_tujuan", "status")
    mapping = propose((*columns, "alasan_tunda"), WISHES)
    assert (mapping.source, mapping.id) == ("sp4n-lapor", "tracking_id")
    assert mapping.received_at == "tanggal_masuk"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("NO", "Isi Laporan"), {"id": None, "text": ("Isi Laporan",)}),
        (("id", "title", "text"), {"id": "id", "text": ("title", "text")}),
        (("Perihal", "x"), {"text": ("Perihal",)}),
        (("text", "waktu"), {"received_at": None, "received_time": None}),
        (("text", "tgl", "jam"), {"received_at": "tgl", "received_time": "jam"}),
        (("text", "lat"), {"position": None}),
        (("text", "alamat", "kelurahan"), {"address": ("alamat", "kelurahan")}),
    ],
    ids=str,
)
def test_usual_headings_are_understood(columns, expected):
    mapping = propose(columns, WISHES)
    assert {name: getattr(mapping, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("2024-02-24 00:00:00", "13:30:21", "2024-02-24T13:30:21+07:00"),
        ("2024-02-24 09:15:00", "13:30:21", "2024-02-24T09:15:00+07:00"),
        ("24 Feb 2024", "13.30", "2024-02-24T13:30:00+07:00"),
        ("24 Feb 2024", None, "2024-02-24T00:00:00+07:00"),
        ("24/02/2024", "13:30:21", "2024-02-24T13:30:21+07:00"),
    ],
)
def test_a_day_and_a_time_of_day_are_one_moment(day, clock, moment):
    found = mention(("text", "tanggal", "jam"), text="a", tanggal=day, jam=clock)
    assert found["posted_at"] == moment


def test_a_place_is_read_as_spreadsheets_write_it():
    columns = ("text", "lat", "lon")
    found = mention(columns, text="a", lat="-6,5971", lon="106.79")
    assert found["location"] == {"lat": -6.5971, "lon": 106.79}
    [rejected] = mention(columns, text="a", lat="selatan", lon="1")
    assert (rejected.field, rejected.expected) == ("lat", "a number")


def test_what_is_too_long_for_an_address_is_told_with_the_words():
    columns = ("text", "alamat", "kelurahan")
    found = mention(columns, text="Banjir", alamat="x" * 499, kelurahan="Contoh")
    assert found["location"] == {"address": "Contoh"}
    assert found["text"] == "Banjir\n" + "x" * 499


def test_headings_without_words_are_refused():
    with pytest.raises(SourceUnreadable, match="isi_laporan"):
        propose(("a", "b"), WISHES)
