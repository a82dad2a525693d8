"""What people write, in one form, and what can be read off it. Microseconds for each text."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from ingest.domain.language import language_of
from ingest.domain.mentions import Author, Said
from lintas.vocabulary.terms import Stakeholder, Suspicion

#: C0 without line breaks and tabs, C1, zero-width and direction controls; joiners stay, as emoji
#: and scripts need them
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff]"
)


def cleaned(said: Said) -> Said:
    """`said` in NFC and without control characters; the same object where nothing is odd."""
    text = clean(said.text)
    return said if text == said.text else replace(said, text=text)


def clean(text: str) -> str:
    """`text` in NFC, with plain line breaks, without control characters and lone surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _CONTROLS.sub("", text))
    elif not text.isprintable():
        text = _CONTROLS.sub("", text)
    return text.strip()


class Traits(NamedTuple):
    """What can be read off a text, without understanding it."""

    language: str | None
    hashtags: tuple[str, ...]
    #: the city's own accounts; other people's are personal data
    handles: tuple[str, ...]
    place_hints: tuple[str, ...]
    stakeholder: Stakeholder
    #: an advertisement
    spam: bool
    #: the words alone, in small letters: equal for copies with other marks, links or numbers
    wording: str


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_APART = "".join(chr(code) if chr(code).isalpha() else " " for code in range(128))
_WORD = re.compile(r"[^\W\d_]+")
_HASHTAG = re.compile(r"(?<!\w)#(\w{2,50})")
_HANDLE = re.compile(r"(?<!\w)@([\w.]{2,50})")
_MOST_MARKS = 20
#: of a text; the rest tells nothing more
_MOST_READ = 2_000

_PLACE_WORDS = (
    "jl jln jalan gg gang kel kelurahan kec kecamatan desa kp kampung perum perumahan komplek"
    " kompleks simpang pasar terminal stasiun taman pertigaan perempatan jembatan rt rw"
)
_PLACE_KINDS = _set(_PLACE_WORDS)
_PLACE = re.compile(
    rf"\b(?i:{_PLACE_WORDS.replace(' ', '|')})\b\.?[ ]{{0,2}}"
    r"[A-Z0-9][\w/-]{0,30}(?:[ ][A-Z0-9][\w/-]{0,30}){0,3}"
)
_MOST_PLACES = 5


def traits(
    redacted: str, said: Said, own_handles: Collection[str], *, most: int = _MOST_READ
) -> Traits:
    """What can be read off `said`; all that is quoted comes from its `redacted` text."""
    text = redacted if len(redacted) <= most else redacted[:most]
    written = _words(text)
    words = set(written)
    return Traits(
        language=language_of(written, said.language),
        hashtags=_hashtags(text) if "#" in text else (),
        handles=_handles(text, own_handles) if "@" in text else (),
        place_hints=() if _PLACE_KINDS.isdisjoint(words) else _places(text),
        stakeholder=_stakeholder(said.author, text, words),
        spam=_is_spam(text, words),
        wording=" ".join(written),
    )


def _is_spam(text: str, words: set[str]) -> bool:
    return len(words & _ADVERTISING) >= _TOO_MANY and _LINK.search(text) is not None


def _words(text: str) -> list[str]:
    """The words of `text` in small letters; digits and marks part them."""
    small = text.lower()
    # twice as fast as the pattern
    return small.translate(_APART).split() if small.isascii() else _WORD.findall(small)


def _hashtags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(text)))[:_MOST_MARKS]


def _handles(text: str, own: Collection[str]) -> tuple[str, ...]:
    named = (handle.rstrip(".").casefold() for handle in _HANDLE.findall(text))
    return tuple(dict.fromkeys(handle for handle in named if handle in own))[:_MOST_MARKS]


def _places(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.rstrip("-/") for place in _PLACE.findall(text)))[:_MOST_PLACES]


#: words that only an advertisement has so many of; people complain about each of them too
_ADVERTISING = _set(
    """
    slot gacor maxwin scatter togel jackpot deposit bonus member rtp followers
    subscribers likes promo diskon termurah murah grosir cair pinjaman tanpa agunan
    bergabung daftar link klik terpercaya resmi jual ready order pesan gratis ongkir
    """
)
_TOO_MANY = 4
_LINK = re.compile(r"https?://|\bwa\.me\b|\bbit\.ly\b|\[PHONE_|\[URL_", re.IGNORECASE)

_NAMED: tuple[tuple[Stakeholder, frozenset[str]], ...] = (
    (
        Stakeholder.MEDIA,
        _set("news redaksi koran radio wartawan jurnalis berita pers media tv"),
    ),
    (
        Stakeholder.NGO,
        _set("yayasan lsm ngo walhi lbh aliansi koalisi relawan"),
    ),
    (
        Stakeholder.INVESTOR,
        _set("pt cv investor developer pengembang properti"),
    ),
)
_INTRODUCING = _set("selaku mewakili sebagai adalah dari ketua")
_SPEAKS_AS = re.compile(
    r"\b(?:selaku|mewakili|sebagai|(?:saya|kami)(?: adalah| dari)?) (?:seorang |para )?(?:"
    r"(?P<community_leader>ketua r[tw]\b|pak rt\b|ketua karang taruna|tokoh masyarakat"
    r"|tokoh agama|ketua dkm|kepala dusun)"
    r"|(?P<media>wartawan|jurnalis|redaksi|media\b|pers\b)"
    r"|(?P<ngo>yayasan|lsm|koalisi|aliansi|relawan)"
    r"|(?P<investor>investor|pengembang|pelaku usaha|pengusaha|pt [a-z]))",
    re.IGNORECASE,
)


def _stakeholder(author: Author, text: str, words: set[str]) -> Stakeholder:
    """For whom the author speaks: as the channel says, as they are called, as they introduce it."""
    if author.stakeholder is not Stakeholder.CITIZEN:
        return author.stakeholder
    if author.name:
        called = _words(author.name)
        for stakeholder, names in _NAMED:
            if not names.isdisjoint(called):
                return stakeholder
    if not _INTRODUCING.isdisjoint(words):
        introduced = _SPEAKS_AS.search(text)
        if introduced is not None and introduced.lastgroup is not None:
            return Stakeholder(introduced.lastgroup)
    return Stakeholder.CITIZEN


def suspicion(found: Traits, wave: Suspicion | None) -> Suspicion | None:
    """Why a mention looks like no person's own words; many accounts tell more than one text."""
    return wave or (Suspicion.SPAM if found.spam else None)
