from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.mentions import Author, Said
from ingest.domain.normalising import clean, cleaned, suspicion, traits
from lintas.vocabulary.terms import Stakeholder, Suspicion

SAID = Said("x", "kotabogor", "", external_id="1")
OWN = frozenset({"pemkotbogor"})


def read(text: str, **changes):
    return traits(text, replace(SAID, text=text, **changes), OWN)


CLEANED = {
    "combining marks are composed": ("cafe\u0301", "caf\u00e9"),
    "controls go": ("air\x00 ma\x1bti\x7f", "air mati"),
    "zero width and direction go": ("lam\u200bpu\u202e mati\ufeff", "lampu mati"),
    "line breaks stay, of one kind": ("satu\r\ndua\rtiga\n", "satu\ndua\ntiga"),
    "joined emoji stay": ("👨\u200d👩\u200d👧 banjir", "👨\u200d👩\u200d👧 banjir"),
    "lone surrogates go": ("air\ud800 mati", "air mati"),
    "plain text stays": ("Lampu jalan mati", "Lampu jalan mati"),
}


@pytest.mark.parametrize(("text", "expected"), CLEANED.values(), ids=CLEANED)
def test_texts_come_in_one_form(text, expected):
    assert clean(text) == expected


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_what_comes_out_can_be_stored(text):
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode()


def test_what_is_clean_stays_the_same_object():
    said = replace(SAID, text="Lampu mati")
    assert cleaned(said) is said


LANGUAGES = {
    "id": [
        "Tolong lampu penerangan di depan kantor kelurahan sudah seminggu padam",
        "Kapan selokan di belakang sekolah diperbaiki, tiap hujan pasti banjir",
        "min ini kok airnya gak ngalir lagi sih",
        "Warga resah karena sampah tidak diangkut sejak hari Senin",
        "Apakah bisa mengurus kartu keluarga secara daring?",
    ],
    "en": [
        "The street light near our house has been broken for two weeks",
        "Please fix the road, it is not safe for people on bikes",
        "Why was the garbage not collected since Monday?",
        "There is no water at the market and nobody answers the phone",
    ],
    "ms": [
        "Longkang di hadapan kedai tersumbat, mohon majlis perbandaran ambil tindakan",
        "Bila pihak berkuasa tempatan mahu dibaiki jalan buruk ni, kereta saya rosak",
        "Aduan saya kat pejabat dah lama tiada jawapan, encik",
    ],
    "jv": [
        "Lampune dalan wis suwe mati, bengi peteng ora ono sing ndandani",
        "Kulo nyuwun tulung, toya PDAM mboten mili sampun tigang dinten",
        "Banyune butek, piye iki pak, kapan dibenakne",
        "Dalane ambles nang ngarep omah, tulung ndang didandani",
    ],
    "su": [
        "Punten, runtah di lembur abdi teu acan diangkut ti kamari",
        "Jalan ka sakola geus butut pisan, kumaha ieu pak",
        "Cai teu ngocor ti isuk, barudak teu bisa mandi",
        "Hatur nuhun lampuna tos hurung deui",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in LANGUAGES.items() for text in texts],
)
def test_the_language_is_told_by_its_short_words(language, text):
    assert read(text).language == language


@pytest.mark.parametrize(
    ("text", "guess", "language"),
    [("123 !!!", None, None), ("123", "in", "id"), ("banjir", "en", "en"), ("banjir", None, "id")],
)
def test_the_platforms_guess_counts_where_words_say_little(text, guess, language):
    assert read(text, language=guess).language == language


def test_hashtags_own_handles_and_places_are_read_off():
    found = read(
        "@PemkotBogor @warga_x banjir di Jl. Kenanga Raya, kel. Tegal Sari RT 03/05 #Banjir #banjir"
        " #JalanRusak, jalan rusak semua. surat@contoh.example"
    )
    assert found.hashtags == ("banjir", "jalanrusak")
    assert found.handles == ("pemkotbogor",)
    assert found.place_hints == ("Jl. Kenanga Raya", "kel. Tegal Sari RT 03/05")


STAKEHOLDERS = {
    "plain": ("Jalan rusak", Author(), Stakeholder.CITIZEN),
    "told by the channel": ("Jalan rusak", Author(stakeholder=Stakeholder.NGO), Stakeholder.NGO),
    "named as media": ("Jalan rusak", Author(name="Redaksi Kabar Kota"), Stakeholder.MEDIA),
    "named as a company": ("Izin lama", Author(name="PT Maju Jaya"), Stakeholder.INVESTOR),
    "a head of the neighbourhood": (
        "Saya ketua RT 03, selokan mampet",
        Author(),
        Stakeholder.COMMUNITY_LEADER,
    ),
    "about one": ("Ketua RT saya galak", Author(), Stakeholder.CITIZEN),
    "for a foundation": ("Kami dari yayasan peduli anak", Author(), Stakeholder.NGO),
    "an entrepreneur": ("Selaku pengusaha kami keberatan", Author(), Stakeholder.INVESTOR),
}


@pytest.mark.parametrize(("text", "author", "stakeholder"), STAKEHOLDERS.values(), ids=STAKEHOLDERS)
def test_whom_somebody_speaks_for(text, author, stakeholder):
    assert read(text, author=author).stakeholder is stakeholder


def test_an_advertisement_is_suspected_and_a_complaint_about_one_is_not():
    spam = read("SLOT GACOR maxwin bonus member baru, daftar klik https://s.example")
    complaint = read("Banyak akun iklan slot gacor di kolom komentar dinas, tolong ditindak")
    assert suspicion(spam, None) is Suspicion.SPAM
    assert suspicion(complaint, None) is None
    assert suspicion(spam, Suspicion.WAVE) is Suspicion.WAVE


@given(st.text(max_size=300))
def test_anything_can_be_read(text):
    assert read(text).wording == read(text).wording.lower()


def test_copies_with_other_links_numbers_and_marks_have_one_wording():
    assert read("Turunkan tarif!!! 1").wording == read("turunkan TARIF 22").wording
