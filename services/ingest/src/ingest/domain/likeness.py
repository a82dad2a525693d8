"""Whether two complaints may be about the same thing: by their words, and by where they are."""

import re
from collections.abc import Set as AbstractSet

#: what redaction left, and what is too short to mean something
_PLACEHOLDER = re.compile(r"\[[A-Z_]+(?:_\d+)?\]")
_WORD = re.compile(r"[^\W\d_]{4,}")
#: words that say nothing of the matter, of Indonesian and English
_SAYING_NOTHING = """
yang untuk dengan dari pada sudah belum tidak akan agar juga atau karena saya kami kita anda mohon
tolong bapak ibu pihak dinas kota terima kasih segera selalu sangat sekali masih lagi sini situ sana
adalah bahwa oleh saat setiap hari sejak minggu bulan tahun depan dekat jalan warga tinggal rumah
daerah wilayah kelurahan kecamatan please this that with from have been there here very your they
their about which since every near front street
"""
_EMPTY = frozenset(_SAYING_NOTHING.split())
#: words in common that are worth showing: in the same area, and anywhere
_LEAST_COMMON_HERE, _LEAST_COMMON_ELSEWHERE = 2, 3
_LEAST_SHARE = 0.3


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say what it is about, folded."""
    words = _WORD.findall(_PLACEHOLDER.sub(" ", text).casefold())
    return frozenset(word for word in words if word not in _EMPTY)


def likeness(mine: AbstractSet[str], other: AbstractSet[str], *, same_place: bool) -> float:
    """How alike two complaints are, from 0 (not worth showing) to 1."""
    common = len(mine & other)
    least = _LEAST_COMMON_HERE if same_place else _LEAST_COMMON_ELSEWHERE
    if common < least:
        return 0.0
    share = common / min(len(mine), len(other))
    return share if share >= _LEAST_SHARE else 0.0
