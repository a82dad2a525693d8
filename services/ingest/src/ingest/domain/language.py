"""Which language a text is in, by the short words that every sentence has."""

from collections.abc import Collection
from itertools import repeat

#: Indonesian and Malay write these alike
_BOTH = """
    yang dan di ke dari ini itu ada sudah belum untuk dengan dalam pada saya kami kita mereka akan
    telah juga atau oleh karena jangan lagi sangat banyak setiap hari jalan air lampu sampah rusak
    banjir hujan rumah sekolah tolong masih sampai kalau apa siapa mana bagaimana terima kasih
    selamat pagi malam kota tiada tanpa bagi tidak tak pukul semalam lorong segera penduduk kawasan
    tersumbat kepada ambil tindakan perlu sebab pihak hendak mahu bila nak
"""
_WORDS = {
    "id": f"""{_BOTH}
    mohon bisa kapan kenapa mengapa bapak ibu pak bu warga gak nggak enggak ga tdk yg dgn utk sdh
    udah dong sih kok deh banget aja saja nya min mas mbak kak kantor dinas kelurahan kecamatan
    perbaiki diperbaiki ditindaklanjuti selokan got mobil motor pemkot walikota kemarin besok sore
    siang jam susah kartu kelompok anak gimana gmn tau biar sekarang harus bikin lewat dekat depan
    belakang berlubang mati menumpuk mau tanya padahal cuma sampe kalo sama buat gara jual bocor
    daftar""",
    "ms": f"""{_BOTH}
    awak korang boleh sila kereta longkang kerajaan majlis perbandaran bandaraya pejabat berkuasa
    tempatan aduan dibaiki baiki jiran bandar petang encik puan cik kat dah ialah iaitu isu basikal
    telefon cakap jem kerosakan bertakung mengutip dikutip tuan pihak kemudahan awam buruk ni tu
    anda""",
    "jv": """
    iki iku kuwi ora wis durung sing lan ing karo kulo kula dalan dalane banyu banyune piye opo ono
    ana nggih inggih mboten sampun dereng niki niku wonten kathah ngriki mriki kene kono tulung
    nyuwun sampeyan panjenengan ndang suwe akeh udan bengi esuk monggo kados punapa pripun saking
    dhateng kabeh arep amarga rek cak nang wae ngendi mergo merga isih tasih kudu lampune umahe omah
    ngarep mburi peteng dandani didandani margi toya nopo matur suwun nuwun iso saged nek yen njur
    ngono ngene maneh wong""",
    "su": """
    ieu eta teu aya henteu geus atos acan anu nu jeung sareng abdi urang cai caina kumaha naha
    punten hatur nuhun pisan tos tiasa keur nuju dieu ditu runtah lembur teh mah atuh euy wae bae
    saha naon iraha moal lebet caah peuting isuk sanes kedah kanggo dugi ka ti tina ngaganggu
    jalanna lampuna dina loba seueur butut ruksak pareum imah bumi ulah kunaon parantos keneh hoyong
    nyuhunkeun omean dibenerkeun barudak sasih ayeuna kamari enjing poek mun unggal""",
    "en": """
    the is are of and to please road street light lights broken water not has have been for with
    this that there garbage when why my our we in at near on it was were no from can you your since
    still fix repair people every day after before blocked flooded does nobody anyone thank thanks
    hello would could should""",
}
_LANGUAGES = tuple(_WORDS)
#: bits of one language's count
_FIELD = 16
_MASK = (1 << _FIELD) - 1


def _counts() -> dict[str, int]:
    """Each word as a one in the field of every language that has it: a sum counts them all."""
    counts: dict[str, int] = {}
    for place, words in enumerate(_WORDS.values()):
        for word in set(words.split()):
            counts[word] = counts.get(word, 0) + (1 << place * _FIELD)
    return counts


_COUNTS = _counts()
#: fewer known words than this say less than the platform's own guess
_TELLING = 2
#: X says `in` for Indonesian
_ALIASES = {"in": "id"}


def language_of(words: Collection[str], guess: str | None = None) -> str | None:
    """The language most of `words` (small letters) belong to, as an ISO 639-1 code.

    `guess` is the platform's; it counts where the words say little. None where nobody can tell.
    """
    counted = sum(map(_COUNTS.get, words, repeat(0)))
    best, most = None, 0
    for language in _LANGUAGES:
        hits = counted & _MASK
        counted >>= _FIELD
        if hits > most:
            best, most = language, hits
    if most >= _TELLING or guess is None:
        return best
    return _ALIASES.get(guess, guess)
