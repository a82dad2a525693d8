import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lokal.samaran import detectors

from lintas.privacy import Redactor, names, redact
from lintas.privacy.folding import fold
from lintas.privacy.redaction import _lowered as lowered
from lintas.privacy.redaction import _occurrences as occurrences

OWN = frozenset({"pemkotbogor", "DishubKotaBogor"})
MARK = re.compile(r"\{([A-Z_]+)\|([^}]*)\}")


class Sentence(NamedTuple):
    text: str
    #: kind, start, end
    personal: frozenset[tuple[str, int, int]]


def read_sentence(line: str) -> Sentence:
    text, personal, end = "", set(), 0
    for mark in MARK.finditer(line):
        text += line[end : mark.start()]
        personal.add((mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        end = mark.end()
    return Sentence(text + line[end:], frozenset(personal))


LINES = Path(__file__).with_name("privacy_sentences.txt").read_text(encoding="utf-8").splitlines()
SENTENCES = [read_sentence(line) for line in LINES if not line.startswith("#")]


def test_recall_and_precision_on_our_sentences(capsys):
    hits = missed = wrong = 0
    for sentence in SENTENCES:
        found = {tuple(f) for f in redact(sentence.text, allowed_handles=OWN).found}
        hits += len(found & sentence.personal)
        missed += len(sentence.personal - found)
        wrong += len(found - sentence.personal)
    recall, precision = hits / (hits + missed), hits / (hits + wrong)
    clean = sum(not sentence.personal for sentence in SENTENCES)
    with capsys.disabled():
        print(  # noqa: T201 the figures are what this test is for
            f"\nredactor: {len(SENTENCES)} sentences ({clean} clean), "
            f"recall {recall:.3f}, precision {precision:.3f}"
        )
    assert len(SENTENCES) >= 120
    assert recall >= 0.98
    assert precision >= 0.98


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.text[:40])
def test_what_was_found_is_nowhere_in_the_redacted_text(sentence):
    redaction = redact(sentence.text, allowed_handles=OWN)
    for finding in redaction.found:
        assert f"[{finding.kind}_1]" in redaction.text
        # A street may be called like a person, and stays.
        if finding.kind != "NAME":
            assert sentence.text[finding.start : finding.end] not in redaction.text
    assert redact(redaction.text, allowed_handles=OWN).text == redaction.text


CASES = [
    (
        "the same number twice",
        "081234567890, bukan 0857 1111 2222, tapi +62 812-3456-7890",
        "[PHONE_1], bukan [PHONE_2], tapi [PHONE_1]",
    ),
    (
        "a handle and its capitals",
        "@Budi_B lalu @budi_b lagi dan @rina_k",
        "[HANDLE_1] lalu [HANDLE_1] lagi dan [HANDLE_2]",
    ),
    (
        "several kinds count apart",
        "hp 081234567890 nik 3271064503780003",
        "hp [PHONE_1] nik [NIK_1]",
    ),
    ("two NIK", "3271064503780003 dan 3271061708450001", "[NIK_1] dan [NIK_2]"),
    ("emoji before", "😭😭 hub 081234567890 😡", "😭😭 hub [PHONE_1] 😡"),
    ("nothing", "", ""),
    (
        "a card read aloud line by line",
        "NIK : 3271064503780003\nNama : SITI RAHAYU\nTempat/Tgl Lahir : BOGOR, 05-03-1978\nAlamat : Jl. Dadali 12",
        "NIK : [NIK_1]\nNama : [NAME_1]\nTempat/Tgl Lahir : BOGOR, [BIRTH_DATE_1]\nAlamat : Jl. Dadali 12",
    ),
    ("a placeholder someone typed", "[PHONE_1] hub 081234567890", "[PHONE_1] hub [PHONE_1]"),
]


@pytest.mark.parametrize(
    ("text", "redacted"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_placeholders_are_numbered_by_value(text, redacted):
    assert redact(text).text == redacted


def test_a_clean_text_is_returned_as_it_is():
    text = "Lampu PJU di Jalan Pajajaran mati, gelap sekali"
    redaction = redact(text)
    assert redaction.text is text
    assert redaction.found == ()


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Mohon bantuannya. Rina Kartika", "Mohon bantuannya. [REPORTER_1]"),
        ("rina  kartika dan Rina Kartika", "rina  kartika dan [REPORTER_1]"),
        ("akun saya rina_k88 (@Rina_K88)", "akun saya [REPORTER_1] ([REPORTER_1])"),
        ("Rina Kartikasari orang lain", "Rina Kartikasari orang lain"),
        ("Bogor tetap Bogor", "Bogor tetap Bogor"),
    ],
)
def test_what_the_channel_told_of_the_reporter_does_not_show(text, redacted):
    assert redact(text, reporter=["Rina Kartika", "@rina_k88", "Bogor", "", "a b"]).text == redacted


def test_the_citys_own_handles_stay_with_or_without_their_sign():
    text = "@PemkotBogor @warga_x https://instagram.com/pemkotbogor"
    assert redact(text, allowed_handles=["@pemkotbogor"]).text == text.replace(
        "@warga_x", "[HANDLE_1]"
    )
    assert redact(text, allowed_handles=["pemkotbogor"]).text == text.replace(
        "@warga_x", "[HANDLE_1]"
    )


PLACES = (
    "Tanah Sareal", "Bogor Timur", "Kebon Pedes", "Pasir Mulya", "Situ Gede", "Kedung Badak", "Mekarwangi", "Empang",
    "Jalan Ahmad Yani", "Jl. KH. Sholeh Iskandar", "Jl KH Abdullah Bin Nuh", "Jl. Ir. H. Juanda", "Jl. Dr. Semeru",
    "Jalan Dewi Sartika", "Jl Mayor Oking", "Gang Haji Mansyur", "Underpass Soleh Iskandar", "Masjid Agung",
    "Pasar Anyar", "Taman Kencana", "Terminal Baranangsiang", "Vila Citra Bantarjati", "RSUD Kota Bogor",
    "SDN Polisi 1", "Plaza Jambu Dua", "Perumahan Bukit Cimanggu City Blok F 12 AB", "Kali Cipakancilan",
)  # fmt: skip
AROUND = (
    "Lampu mati di {} hub saya 0812-3456-7890",
    "Nama saya Budi Santoso, {} banjir",
    "{}: jalan rusak. Pak Asep 081234567890",
    "Saya warga {}, NIK 3271064503780003",
    "{} Macet Total, Bu Yani sakit, rekening BCA 1234567890",
)


@pytest.mark.parametrize("place", PLACES)
def test_places_stay_readable_beside_personal_data(place):
    for around in AROUND:
        redaction = redact(around.format(place))
        assert place in redaction.text
        assert redaction.found


digits = st.text("0123456789", min_size=7, max_size=10)
gaps = st.sampled_from(["", " ", ".", "-", " - ", "\u00a0", "\u2013", "\u200b"])
widths = st.sampled_from([0, 0xFF10 - ord("0"), 0x0660 - ord("0"), 0x1D7CE - ord("0")])


@given(st.sampled_from(["08", "628", "+628"]), digits, gaps, st.integers(2, 5), widths)
@settings(deadline=None)
def test_a_mobile_number_is_found_however_it_is_written(prefix, rest, gap, group, width):
    number = (prefix + rest).removeprefix("+")
    plus = "+" if prefix.startswith("+") else ""
    written = gap.join(number[i : i + group] for i in range(0, len(number), group))
    written = plus + "".join(chr(ord(c) + width) if c.isdecimal() else c for c in written)
    text = f"hubungi {written} ya, jalan rusak"
    assert redact(text).text == "hubungi [PHONE_1] ya, jalan rusak"


niks = st.builds(
    "{:02}{:04}{:02}{:02}{:02}{:04}".format,
    st.integers(11, 94),
    st.integers(101, 9999),
    st.one_of(st.integers(1, 31), st.integers(41, 71)),
    st.integers(1, 12),
    st.integers(0, 99),
    st.integers(1, 9999),
)


@given(niks, st.sampled_from(["", " ", ".", "-", "\u00a0"]), st.integers(1, 6), widths)
@settings(deadline=None)
def test_a_nik_is_found_however_it_is_written(nik, gap, group, width):
    written = gap.join(nik[i : i + group] for i in range(0, len(nik), group))
    written = "".join(chr(ord(c) + width) if c.isdecimal() else c for c in written)
    assert redact(f"punya saya {written} ya").text == "punya saya [NIK_1] ya"


PIECES = [
    "0812", "3456", " ", "-", ".", "@", "budi", "gmail.com", "nik", "3271064503780003", "\ud800", "😀", "\u200b",
    "rekening", "BCA", "[NIK_1]", "nama saya", "Budi Santoso", "Pak ", "\n", "\t", "Rp", "１２", "plat F 1234 AB",
    "\x00", "\x01", "\ue000", "(at)", "nol", "delapan", "kk ", "17-03-2026", "tgl lahir ", "İ", "ß", "Jl. ", "  ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text())
@settings(deadline=None)
def test_any_text_is_redacted_in_order_and_apart(text):
    redaction = redact(text, allowed_handles=OWN, reporter=["Rina Kartika"])
    end = 0
    for finding in redaction.found:
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end
    assert len(fold(text)) == len(text)
    assert (redaction.text == text) == (not redaction.found)


def test_the_function_is_a_redactor():
    redactor: Redactor = redact
    assert redactor("hp 081234567890").text == "hp [PHONE_1]"


def test_the_detectors_left_out_of_lokal_find_only_what_is_left_to_read():
    left_out = [getattr(detectors, name) for name in names.LEFT_OUT]
    texts = [sentence.text for sentence in SENTENCES]
    kinds = {match.type for detect in left_out for text in texts for match in detect(text)}
    assert kinds
    assert kinds <= set(names.LEFT_TO_READ)
    assert not set(left_out) & set(detectors._DETECTORS)


_FEW = st.text("aAb_@1 .-\u0130\u00e9", max_size=14)


@given(before=_FEW, value=st.text("aAb_@1.-", min_size=4, max_size=6), after=_FEW)
def test_the_reporter_is_found_where_the_value_stands_alone(before, value, after):
    text, wanted = fold(before + value.swapcase() + after), value.strip().lstrip("@")
    expected = []
    if len(wanted) >= 4 and not wanted.isalpha():
        alone = re.finditer(rf"(?i)(?<!\w)@?{re.escape(wanted)}(?!\w)", text)
        expected = [("REPORTER", *match.span()) for match in alone]
    assert [tuple(found) for found in occurrences(text, lowered(text), value)] == expected
