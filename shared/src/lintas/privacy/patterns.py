"""Our own patterns of Indonesian personal data, read on folded text, each in linear time."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from lintas.privacy.clues import AT, DIGIT, LONG_NUMBER, PLATE_SHAPE, PLUS


class Finding(NamedTuple):
    """Something personal in a text, from `start` up to, not including, `end`."""

    kind: str
    start: int
    end: int


_GAP = r"[ .\-_/*~()]{0,3}"
_DIGIT_WORD = r"satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|nol|kosong"
_VEHICLES = (
    "plat nopol pol polisi mobil motor angkot truk bus bis taksi kendaraan avanza pickup ojol"
)
_BANKS = (
    "bca bri bni bsi btn bjb mandiri cimb danamon permata jenius seabank ocbc maybank panin bank"
)
_BANK = rf"(?:{_BANKS.replace(' ', '|').replace('cimb', 'cimb(?: niaga)?')} \w{{2,12}})"
_VEHICLE = rf"\b(?i:{_VEHICLES.replace(' ', '|')})\b[^\n\d]{{0,25}}?"
_REGION = r"(?:A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNPRSTW]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P[ABGS]?|R|S|T|W|Z)"
#: between the name of a number and the number
_SAID_OF = r"[^0-9\n]{0,25}"
#: units and small words that follow a number in a sentence, and never end a plate
_NO_SUFFIX = (
    r"(?!(?:yg|di|ke|dan|km|kg|cc|rb|jt|hp|th|thn|org|wib|pm|am|mb|gb|rt|rw|no|ini|itu|m)\b)"
)

# Sixteen digits: province 11-94, regency, district, day 01-31 (women + 40), month, year, serial; up to
# two separators anywhere between.
_NIK = (
    r"(?:1~[1-9]|[2-8]~\d|9~[0-4])(?:~\d){4}"
    r"~(?:0~[1-9]|[1256]~\d|3~[01]|4~[1-9]|7~[01])~(?:0~[1-9]|1~[0-2])(?:~\d){6}"
).replace("~", r"[ .\-_]{0,2}")


class _Pattern(NamedTuple):
    kind: str
    #: the pattern is only tried on a text with one of these, as without them it cannot match
    clues: frozenset[str]
    #: its last group, if there is one, is what is personal
    pattern: re.Pattern[str]


def _pattern(kind: str, clues: str, pattern: str) -> _Pattern:
    return _Pattern(kind, frozenset(clues.split()), re.compile(pattern))


class _Patterns:
    """Patterns in the order they are tried."""

    def __init__(self, *patterns: _Pattern) -> None:
        self._patterns = patterns
        self.clues = frozenset[str]().union(*(pattern.clues for pattern in patterns))
        # few combinations of our own words ever occur, however many texts there are
        self._tried = lru_cache(maxsize=4096)(self._worth_trying)

    def find(self, folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
        """What they match, pattern by pattern; what is found may overlap."""
        offered = self.clues.intersection(clues)
        if offered:
            for kind, _, pattern in self._tried(offered):
                for match in pattern.finditer(folded):
                    yield Finding(kind, *match.span(pattern.groups))

    def _worth_trying(self, offered: frozenset[str]) -> tuple[_Pattern, ...]:
        return tuple(one for one in self._patterns if not one.clues.isdisjoint(offered))


_IDENTITY = _Patterns(
    _pattern(
        "KK", "kk kartu", rf"(?i)\b(?:kk|kartu keluarga)\b[^0-9\n]{{0,20}}(?<!\d)({_NIK})(?!\d)"
    ),
    _pattern("NIK", LONG_NUMBER, rf"(?<!\d)(?<!\d[.\-_]){_NIK}(?!\d|[.\-_]\d)"),
    # A mistyped one is personal all the same where its name stands before it.
    _pattern(
        "KK",
        "kk kartu",
        r"(?i)\b(?:kk|kartu keluarga)\b[^0-9\n]{0,20}(?<!\d)(\d(?:[ .\-_]{0,2}\d){13,16})(?!\d)",
    ),
    _pattern(
        "NIK",
        "nik ktp",
        r"(?i)\b(?:nik|ktp)\b[^0-9\n]{0,20}(?<!\d)(\d(?:[ .\-_]{0,2}\d){13,16})(?!\d)",
    ),
)
_CONTACTS = _Patterns(
    _pattern(
        "EMAIL",
        AT,
        r"(?<![\w.%+\-])[\w.%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,5}\.[A-Za-z]{2,24}",
    ),
    _pattern(
        "EMAIL",
        "gmail yahoo ymail hotmail outlook icloud rocketmail live proton protonmail",
        r"(?i)(?<![\w.+\-])[\w.+\-]{2,64}\s{0,3}(?:@|[\[({<]\s?at\s?[\])}>]|\bat\b)\s{0,3}"
        r"(?:gmail|yahoo|ymail|hotmail|outlook|icloud|rocketmail|live|proton(?:mail)?)\b"
        r"(?:\s{0,3}(?:\.|[\[({<]?\s?\b(?:dot|titik)\b\s?[\])}>]?)\s{0,3}(?:com|co|id|me|net)\b){0,2}",
    ),
    _pattern(
        "HANDLE",
        AT,
        r"(?<![\w.%+\-@/])@(?=\d{0,30}[A-Za-z_])\w(?:[\w.]{0,48}\w)?",
    ),
    _pattern(
        "HANDLE",
        "ig insta instagram twitter tiktok tele telegram fb facebook threads username",
        r"(?i)\b(?:ig|insta(?:gram)?|twitter|tiktok|tele(?:gram)?|fb|facebook|threads|username)\s?[:=]\s?"
        r"(@?[a-z0-9_](?:[a-z0-9_.]{1,48}[a-z0-9_]))",
    ),
    _pattern(
        "HANDLE",
        "instagram twitter x tiktok facebook fb t",
        r"(?i)\b(?:instagram|twitter|x|tiktok|facebook|fb|t)\.(?:com|me)/(@?(?=\d{0,30}[a-z_])[a-z0-9_.]{1,50}[a-z0-9_])",
    ),
    _pattern(
        "PHONE",
        LONG_NUMBER,
        rf"(?<!\d)(?:\((?=\+?\d{{1,4}}\)))?(?:\+?62{_GAP}(?:0{_GAP})?|0{_GAP})8(?:{_GAP}\d){{7,11}}(?!\d)",
    ),
    _pattern("PHONE", LONG_NUMBER, r"\(0\d{2,3}\)[ .\-]{0,2}\d{3,4}[ .\-]?\d{3,4}(?!\d)"),
    _pattern(
        "PHONE",
        "nol kosong o l delapan lapan",
        r"(?i)(?:\b(?:nol|kosong|o)|(?<!\d)0)[ ,.\-]{0,3}(?:delapan|lapan|8)"
        rf"(?:[ ,.\-]{{0,3}}(?:\d|[ol](?![a-z])|\b(?:{_DIGIT_WORD})\b)){{7,11}}(?!\d)",
    ),
)
#: all of seven digits and more, with a word or a shape that says what they are
_NUMBERS = _Patterns(
    _pattern(
        "PHONE",
        "hp wa whatsapp tel telp tlp telepon telpon hub hubungi kontak call sms cp",
        r"(?i)\b(?:hp|wa|whatsapp|telp?|tlp|telepon|telpon|hub(?:ungi)?|kontak|call|sms|cp)\b"
        rf"[^0-9+\n]{{0,12}}(?<![\d+])(8(?:{_GAP}\d){{8,11}})(?!\d)",
    ),
    _pattern(
        "PHONE",
        "hp wa whatsapp tel telp tlp telepon telpon hub hubungi kontak call sms cp",
        r"(?i)\b(?:hp|wa|whatsapp|telp?|tlp|telepon|telpon|hub(?:ungi)?|kontak|call|sms|cp)\b"
        r"[^0-9+(\n]{0,20}(?<![\d+])(\(?0\d{2,3}\)?[ .\-]{0,2}\d{3,4}[ .\-]?\d{3,4})(?!\d)",
    ),
    _pattern(
        "BANK_ACCOUNT",
        "rek rekening norek c virtual",
        r"(?i)\b(?:rek(?:ening)?|norek|a/c|virtual account)\b"
        r"(?:(?!\b(?:se(?:besar|nilai)|di?potong|bayar|saldo|tagih|rp)\b)[^0-9\n]){0,30}"
        r"(\d(?:[ .\-]?\d){7,17})(?!\d)",
    ),
    _pattern(
        "BANK_ACCOUNT",
        _BANKS,
        rf"(?i)\b{_BANK}\b[\s:.=\-]{{0,3}}(?:(?:no|nomor|rek(?:ening)?)\b[\s:.=\-]{{0,3}}){{0,2}}"
        r"(\d(?:[ .\-]?\d){8,15})(?!\d)",
    ),
    _pattern(
        "BANK_ACCOUNT",
        _BANKS,
        rf"(?i)(?<!\d)(?<!\d[ .\-])(\d(?:[ .\-]?\d){{8,15}})\s{{0,2}}\(?(?=(?:bank )?{_BANK}\b)",
    ),
    _pattern(
        "NPWP",
        "npwp",
        rf"(?i)\bnpwp\b{_SAID_OF}(?<!\d)(\d(?:[ .\-]?\d){{14,15}})(?!\d)",
    ),
    _pattern("NPWP", LONG_NUMBER, r"(?<!\d)(?<!\d[.\-])\d\d\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}(?!\d)"),
    _pattern(
        "BPJS",
        "bpjs kis jkn",
        rf"(?i)\b(?:bpjs|kis|jkn)\b{_SAID_OF}(?<!\d)(0(?:[ .\-]?\d){{12}})(?!\d)",
    ),
    _pattern("SIM", "sim", rf"(?i)\bsim\b{_SAID_OF}(?<!\d)(\d(?:[ .\-]?\d){{11,13}})(?!\d)"),
    _pattern("NIP", "nip", rf"(?i)\bnip\b{_SAID_OF}(?<!\d)(\d(?:[ .\-]?\d){{17}})(?!\d)"),
    _pattern("NISN", "nisn", rf"(?i)\bnisn\b{_SAID_OF}(?<!\d)(\d(?:[ .\-]?\d){{9}})(?!\d)"),
    _pattern(
        "CARD",
        "kartu debit kredit atm",
        r"(?i)\b(?:kartu (?:kredit|debit|atm)|debit|atm)\b"
        rf"{_SAID_OF}(?<!\d)(\d(?:[ \-]?\d){{15}})(?!\d)",
    ),
    _pattern("AKTA", "akta akte", r"(?<![\w\-])\d{4}-[A-Z]{2}-\d{8}-\d{4}(?![\w\-])"),
    _pattern(
        "PASSPORT",
        "paspor passport pasport",
        r"(?i)\bpass?port?\b[^0-9\n]{0,25}?\b([A-Z]{1,2} ?\d{6,7})(?!\w)",
    ),
)
_PLATES = _Patterns(
    _pattern(
        "PLATE",
        PLATE_SHAPE,
        rf"(?<![\w\-]){_REGION}[ .\-]{{0,2}}\d{{3,4}}[ .\-]{{0,2}}[A-Z]{{2,3}}(?!\w)",
    ),
    _pattern(
        "PLATE",
        _VEHICLES,
        rf"{_VEHICLE}(?<![\w\-])({_REGION}[ .\-]{{0,2}}\d{{1,4}}[ .\-]{{0,2}}(?i:{_NO_SUFFIX})[A-Z]{{1,3}})(?!\w)",
    ),
    _pattern(
        "PLATE",
        _VEHICLES,
        rf"(?i){_VEHICLE}(?<![\w\-])({_REGION}[ .\-]{{0,2}}\d{{3,4}}[ .\-]{{0,2}}{_NO_SUFFIX}[A-Z]{{2,3}})(?!\w)",
    ),
)
_LONG_ENOUGH = 10
_ABROAD = re.compile(rf"\+(?!62)[1-9](?:{_GAP}\d){{7,14}}(?!\d)")
_MONTH = (
    r"jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|jun[i]?|jul[i]?|agu(?:stus)?|sep(?:tember)?|okt(?:ober)?"
    r"|nov(?:ember)?|des(?:ember)?"
)
_BIRTH_DATES = _Patterns(
    _pattern(
        "BIRTH_DATE",
        "lahir lhr ttl kelahiran dob",
        r"(?i)\b(?:lahir|lhr|ttl|kelahiran|dob)\b"
        r"(?:(?!\b(?:sejak|belum|blm|sudah|sdh|jadi|sampai|hingga|bayar|lapor|daftar|urus)\b)[^0-9\n]){0,40}"
        rf"(?<!\d)(\d{{1,2}}(?:[-/. ]{{1,2}}\d{{1,2}}[-/. ]{{1,2}}|[- ](?:{_MONTH})[- ])(?:19|20)\d\d)(?!\d)",
    ),
)

#: whatever one of them needs
CLUES = frozenset[str]().union(
    *(one.clues for one in (_IDENTITY, _CONTACTS, _NUMBERS, _PLATES, _BIRTH_DATES)), {PLUS, DIGIT}
)


def find_birth_dates(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """Dates that a word before them calls someone's birth."""
    return _BIRTH_DATES.find(folded, clues)


def find_identity_numbers(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """NIK and KK numbers: by their shape anywhere, by their name where mistyped; may overlap."""
    return _IDENTITY.find(folded, clues)


def find_contacts(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """E-mail addresses, handles and mobile numbers; may overlap."""
    for finding in _CONTACTS.find(folded, clues):
        yield _without_next_number(folded, finding) if finding.kind == "PHONE" else finding


def find_numbers(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """Telephones, accounts and cards by a word before them; may overlap; vain without a long number."""
    for finding in _NUMBERS.find(folded, clues):
        yield _without_next_number(folded, finding) if finding.kind == "PHONE" else finding
    if PLUS in clues:
        yield from _find_foreign_phones(folded)


def find_plates(folded: str, clues: AbstractSet[str]) -> Iterator[Finding]:
    """Vehicles' plates, by their shape or by a vehicle before them; may overlap."""
    return _PLATES.find(folded, clues) if DIGIT in clues else iter(())


def _find_foreign_phones(folded: str) -> Iterator[Finding]:
    for match in _ABROAD.finditer(folded):
        try:
            number = phonenumbers.parse(match[0])
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield Finding("PHONE", *match.span())


def _without_next_number(folded: str, phone: Finding) -> Finding:
    """A number written in one piece ends there: the 5 of `081234567890 5 hari` is not its last digit."""
    piece = folded[phone.start : phone.end].split(" ", 1)[0]
    if sum(map(str.isdigit, piece)) >= _LONG_ENOUGH:
        return Finding(phone.kind, phone.start, phone.start + len(piece))
    return phone
