"""Names of people: our own cues say where one may begin, lokal-id reads it and knows which are common."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from lokal.samaran import detect_pii, detectors
from lokal.samaran._names import AMBIGUOUS_GIVEN_NAMES, FAMILY_NAMES, GIVEN_NAMES
from lokal.samaran.types import PiiMatch, PiiType

from lintas.privacy.clues import LONG_NUMBER
from lintas.privacy.patterns import Finding

# Addresses and coordinates route a complaint; illness, faith, money and crime are what it is about;
# plates are ours, as a house in `Blok F 12 AB` is none.
LEFT_TO_READ: tuple[PiiType, ...] = (
    "ADDRESS",
    "GEO",
    "HEALTH",
    "FINANCIAL",
    "CRIMINAL_RECORD",
    "BIOMETRIC",
    "NATIONALITY",
    "RELIGION",
    "GENDER",
    "MARITAL_STATUS",
    "PLATE",
    "BIRTH_DATE",
)
#: lokal looks for every kind and drops the excluded ones afterwards; these find nothing else
LEFT_OUT = (
    "_detect_birth_dates",
    "_detect_coordinates",
    "_detect_criminal",
    "_detect_financial",
    "_detect_health",
    "_detect_marital_status",
    "_detect_plates",
    "_detect_religion",
    "_detect_street_addresses",
)
# Two fifths of its time. It has no other way to be told, and nobody else here asks it.
_every = detectors._DETECTORS  # noqa: SLF001
detectors._DETECTORS = tuple(  # noqa: SLF001
    detector for detector in _every if detector.__name__ not in LEFT_OUT
)
_name_at = detectors._name_at  # noqa: SLF001
_is_common = detectors._is_known_name  # noqa: SLF001
_common_without_cue = detectors._detect_known_names  # noqa: SLF001


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SELF = "saya|sy|aku|gue?|gw|abdi|kulo"
_OWNER = rf"(?:{_SELF}|ku|anak|ibu|bapak|ayah|suami|istri)"
#: what a name follows in whatever letters
_SAID = re.compile(
    r"(?i)(?<![\w\-])(?:"
    rf"nama(?: lengkap)?(?: {_OWNER}){{1,2}}(?:\s{{0,3}}[:=]| adalah\b)?"
    r"|(?:nama|nm)(?: (?:lengkap|pelapor|pemohon|pengadu|terlapor|korban))?\s{0,3}[:=]"
    r"|(?:pelapor|pemohon|pengirim|pengadu|penulis|ttd|korban)\s{0,3}:"
    r"|(?:a\.\s?n\.?|a/n|an\.|atas nama|bernama|nama(?:ku|nya)|panggil saja)"
    rf"|hormat (?:{_SELF}|kami)\b[,.]?|perkenalkan,?(?: {_OWNER})(?: dengan)?"
    r")\s{1,3}(?=[A-Za-z])"
)
_SAID_CLUES = _words(
    "nama nm pelapor pemohon pengirim pengadu penulis ttd korban a an bernama namaku namanya panggil hormat perkenalkan"
)
#: what a name follows in capitals, or in small letters if it is a common one
_CALLED = _words(
    "pak bu bapak bpk ibu sdr sdra sdri saudara saudari mas mba mbak kang teh aa h hj haji hajjah "
    "ustad ustadz ust alm almh an"
)
#: of these, the ones a full stop only shortens
_SHORTENED = _words("bpk sdr sdra sdri h hj ust alm almh an")
_SELVES = _words("saya sy aku gu gue gw abdi kulo")
#: what only a common name follows
_ABOUT = _words(
    "salam perkenalkan korban pelaku oknum petugas suami istri anak tetangga dari oleh hub hubungi kontak"
)
_CUES = _CALLED | _SELVES | _ABOUT
_BEFORE_CAPITAL = re.compile(r"(?<![\w\-])([A-Za-z]++)([.,:]?)[ \t]{1,3}(?=[A-Z])")
_BEFORE_LETTER = re.compile(r"(?<![\w\-])([A-Za-z]++)([.,:]?)[ \t]{1,3}(?=[A-Za-z])")
#: what is said next by someone who has given a name
_GOES_ON = re.compile(
    r",? (?i:warga|dari|tinggal|ti|domisili|seorang|selaku|sebagai|dengan|usia|umur|alamat|ingin|mau|izin|ijin)\b"
    r"| ?[,(]"
)
#: what ends a name in small letters that is no common one
_ENDS_THERE = re.compile(
    r"\s*(?:[,.;:(@\n]|$|\b(?:mau|ingin|warga|tinggal|alamat|umur|mohon|minta|lapor|izin)\b)"
)
_COMMON = GIVEN_NAMES | FAMILY_NAMES | AMBIGUOUS_GIVEN_NAMES
_OFFICES = _words(
    "wali walikota lurah camat bupati gubernur kadis kepala presiden menteri sekda kades dirut guru dokter admin min "
    "papa mama ayah bunda nenek kakek"
)
_CAPITALISED = re.compile(r"[A-Z][a-z]")
#: a form someone filled in, a card read aloud: several lines, and more than names in them
_FORM_CLUES = _words(
    f"{LONG_NUMBER} nama nm nik ktp kk npwp nip sim bpjs nisn paspor passport akta rek rekening kartu"
)
#: whatever a name is found by
CLUES = _SAID_CLUES | _CUES | _FORM_CLUES | _COMMON
#: a long gap makes the detector slow, and no name lies across one
_LONG_BLANK = re.compile(r"\s{9,}")

_PLACE = (
    r"\b(?:jl|jln|jalan|gg|gang|komplek|perum(?:ahan)?|vill?a|masjid|mushol+a|rsu?d?|klinik|apotek|toko|warung|pasar"
    r"|s[dm][pna]?n?|smk|kp|kampung|jembatan|underpass|flyover|simpang|taman|makam|kedai|bengkel|hotel|gedung"
    r"|pondok)\.?\s{1,3}"
)
_PLACE_BEFORE = re.compile(
    rf"(?i){_PLACE}(?:(?:pak|bu|haji|hj?|kh|ir|dr|prof|raden|rd|letjen|kapten|mayor|jend(?:eral)?|ustadz?)\.?\s{{1,3}}){{0,3}}$"
)
_PLACE_FIRST = re.compile(rf"(?i){_PLACE}")
_WORD = re.compile(r"\S+")
_LETTER = re.compile(r"[A-Za-z]")
_PARTICLES = _words("bin binti van der de al el")
_NO_NAME = _words(
    "mau ingin dari warga di ke tinggal dengan umur alamat rt rw mohon minta lapor melaporkan hp no nik ktp yang "
    "sudah belum tidak ga gak ini itu dan atau sakit butuh minum"
)


def find_named(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """Names where a cue stands, and what a filled-in form says; findings may overlap."""
    if not _SAID_CLUES.isdisjoint(clues):
        for cue in _SAID.finditer(folded):
            yield from _read(folded, _said(folded, cue.end()))
    if not _CUES.isdisjoint(clues):
        small = not GIVEN_NAMES.isdisjoint(clues)
        for cue in (_BEFORE_LETTER if small else _BEFORE_CAPITAL).finditer(folded):
            if (word := cue[1].lower()) in _CUES:
                yield from _read(folded, _cued(folded, word, cue[2], cue.end()))
    if _FORM_CLUES.isdisjoint(clues):
        return
    if not _COMMON.isdisjoint(clues):
        yield from _read(folded, _common_without_cue(folded))
    if "\n" in folded:
        blanked = _LONG_BLANK.sub(lambda blank: f" {'|' * (len(blank[0]) - 2)} ", folded)
        yield from _read(folded, detect_pii(blanked, exclude=LEFT_TO_READ))


def _said(folded: str, start: int) -> Iterator[PiiMatch]:
    """The name at `start`, which someone says is one."""
    name = _name_at(folded, start, "high", False)
    if name is not None and (
        name.value[0].isupper() or _is_common_name(name) or _ENDS_THERE.match(folded, name.end)
    ):
        yield name


def _cued(folded: str, word: str, mark: str, start: int) -> Iterator[PiiMatch]:
    """The name at `start`, if one may follow such a word."""
    # a sentence may end with a form of address, and a new one begins
    if mark and word not in (_SHORTENED if mark == "." else _ABOUT):
        return
    name = _name_at(folded, start, "high", True)
    if name is None:
        return
    # an office is passed over as a title, and mostly followed by a place; who shouts names nobody
    sure = (
        name.start == start
        and _CAPITALISED.match(folded, start)
        and (word in _CALLED or (word in _SELVES and _GOES_ON.match(folded, name.end)))
    )
    if sure or _is_common_name(name):
        yield name


def _is_common_name(name: PiiMatch) -> bool:
    return any(map(_is_common, name.value.lower().replace(".", "").split()))


def _read(folded: str, matches: Iterable[PiiMatch]) -> Iterator[Finding]:
    for match in matches:
        end = match.end
        if match.type == "NAME":
            if match.value.split()[0].lower() in _OFFICES or _names_place(folded, match.start):
                continue
            end = _name_end(folded, match.start, match.end)
        if end > match.start:
            yield Finding(match.type, match.start, end)


def _names_place(folded: str, start: int) -> bool:
    before = folded[max(0, start - 60) : start]
    return bool(_PLACE_BEFORE.search(before) or _PLACE_FIRST.match(folded, start))


def _name_end(folded: str, start: int, end: int) -> int:
    """Where the name itself ends, as the detector may run on into the sentence."""
    capital = folded[start].isupper()
    kept = start
    for word in _WORD.finditer(folded, start, end):
        bare = word[0].strip(".,").lower()
        if bare in _NO_NAME or (capital and word[0][0].islower() and bare not in _PARTICLES):
            break
        kept = word.end()
        if word[0].endswith(".") and len(bare) > 1:
            return kept - 1
    return kept
