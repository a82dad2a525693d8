"""What looks personal and is not: dates, amounts, tickets, customer numbers, ids."""

import re
from collections.abc import Iterator

#: a number someone has with a utility or an office: their service needs it, it names no person
_CUSTOMER_CUES = (
    r"id\s?pel(?:anggan)?|idpel|nopel|token|tiket|resi|invoice|nota|kwitansi|meter(?:an)?|nop|sppt"
    r"|tiang(?:\s+\w{1,10})?\s+(?:no(?:mor)?)"
    r"|(?:rek(?:ening)?|norek)\s+(?:listrik|air|pdam|pln|telepon|gas|bulan)"
    r"|(?:no(?:mor)?|num|id)\.?\s*(?:meter(?:an)?|pelanggan|langganan|sambungan|tiket|laporan|aduan"
    r"|pengaduan|resi|surat|perkara|seri|token|antri(?:an)?|polis|pendaftaran|registrasi|kontrak"
    r"|invoice|nota|berkas|permohonan|sertifikat|shm|nib|imb|pbg|nop|sppt|pju|tiang|induk|sk)"
)
_PHONE_CUES = r"hp|wa|whatsapp|tel[ep]|tlp|hub|kontak|call|sms|cp"

_SHIELDS = (
    # the project's own marks
    r"\[[A-Z_]{2,20}_\d{1,6}\]",
    r"\b[A-Za-z]{2,4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]\b",
    # UUIDs and hashes
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    r"\b(?=[0-9]{0,64}[a-fA-F])[0-9a-fA-F]{16,128}\b",
    # twenty digits to type into a prepaid meter
    r"(?<!\d)(?<!\d[ \-])\d{4}(?:[ \-]\d{4}){4}(?!\d)",
    # dates and times
    r"\b(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])",
    r"(?<![\d.\-/])(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d(?!\d|[./-]\d)",
    r"(?<![\d.\-/])(?:[01]?\d|2[0-4])[.:][0-5]\d\s?(?:-|sd|s/d|sampai)\s?(?:[01]?\d|2[0-4])[.:][0-5]\d(?!\d|[.-]\d)",
    # coordinates
    r"(?<![\d.])-?\d{1,2}\.\d{3,15}\s{0,3},\s{0,3}-?\d{2,3}\.\d{3,15}",
    # amounts
    r"(?i:\brp)\.?\s{0,3}\d[\d.,]{0,30}",
    r"(?<![\d.,])\d[\d.,]{0,30}\s{0,2}(?i:rupiah|juta|jt|ribu|rb|miliar|milyar|m3|kwh|watt|persen)\b",
)
#: what every one of them begins with; most places of a text are passed over at a glance
_BEGINNING = r"[\[\-0-9]|[A-Za-z]{2,4}-|[a-fA-F][0-9a-fA-F]{7}|[Rr][Pp]"
_PLAIN = re.compile(f"(?={_BEGINNING})(?:{'|'.join(_SHIELDS)})")
_CUSTOMER = re.compile(
    rf"(?i)\b(?:{_CUSTOMER_CUES})\b(?:(?!\b(?:{_PHONE_CUES}))[^0-9\n]){{0,25}}(\d(?:[ .\-/]?\d){{3,30}})"
)


def shields(folded: str) -> Iterator[tuple[int, int]]:
    """The stretches of a folded text no pattern of personal data may read, except as a NIK."""
    for match in _PLAIN.finditer(folded):
        yield match.span()


def customer_numbers(folded: str) -> Iterator[tuple[int, int]]:
    """Numbers that a word before them calls a customer's, a meter's, a letter's and the like."""
    for match in _CUSTOMER.finditer(folded):
        yield match.span(1)
