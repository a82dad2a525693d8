"""The mapping that a file's own headings suggest."""

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.channels.files.mapping import AuthorColumns, Code, Mapping, PlaceColumns, Times
from ingest.channels.files.rows import SourceUnreadable
from lintas.vocabulary.terms import Anonymity, MentionClass

_NO_WORD = re.compile(r"[^a-z0-9]+")

#: what headings are called, the likeliest first: upper and lower case, blanks and signs aside.
#: A bare number (`no`) is no id: it counts the rows of one file, and the next file begins anew
_ALIASES: Table[str, Sequence[str]] = {
    "id": (
        *("tracking_id", "id_tracking", "external_id", "nomor_tiket", "no_tiket", "id_tiket"),
        *("ticket_id", "ticket", "nomor_laporan", "no_laporan", "kode_laporan", "id_laporan"),
        *("nomor_pengaduan", "id_pengaduan", "nomor_aduan", "id_aduan", "service_request_id"),
        *("tweet_id", "post_id", "id_str", "id"),
    ),
    "received_at": (
        *("tanggal_laporan_masuk", "tanggal_masuk", "tgl_masuk", "tanggal_laporan", "tgl_laporan"),
        *("tanggal_pengaduan", "tanggal_aduan", "posted_at", "received_at", "created_at"),
        *("created_utc", "created", "requested_datetime", "datetime", "timestamp", "tanggal"),
        *("tgl", "date"),
    ),
    "received_time": (
        *("waktu_laporan_masuk", "waktu_masuk", "jam_masuk", "waktu_laporan", "jam_laporan"),
        *("waktu", "jam", "pukul", "time"),
    ),
    "name": ("nama_pelapor", "author_name", "pelapor", "reporter", "nama_lengkap", "nama", "name"),
    "handle": ("author_handle", "username", "user_name", "screen_name", "handle", "akun"),
    "phone": (
        *("author_phone", "no_hp", "nomor_hp", "no_telp", "no_telepon", "nomor_telepon"),
        *("telepon", "telp", "phone", "hp"),
    ),
    "email": ("author_email", "email", "e_mail", "alamat_email", "surel"),
    "title": ("judul_laporan", "judul", "title", "subject", "perihal", "subjek"),
    "text": (
        *("isi_laporan_awal", "isi_laporan", "isi_pengaduan", "isi_aduan", "isi_keluhan", "isi"),
        *("text", "full_text", "tweet", "deskripsi", "uraian", "description", "pesan", "message"),
        *("keluhan", "aduan", "pengaduan", "laporan", "content"),
    ),
    "edited_text": ("isi_laporan_akhir",),
    "channel": ("sumber_laporan", "sumber", "channel", "kanal", "saluran"),
    "class": ("klasifikasi_laporan", "klasifikasi", "classification", "class"),
    "anonymity": ("tipe_laporan_anonim_rahasia", "tipe_laporan", "anonymity", "tipe"),
    "address": (
        *("alamat_kejadian", "lokasi_kejadian", "alamat", "lokasi", "address", "location_address"),
        *("address_string", "location"),
    ),
    "kelurahan": ("kelurahan", "desa_kelurahan", "kelurahan_desa", "desa"),
    "kecamatan": ("kecamatan",),
    "lat": ("lat", "latitude", "lintang", "location_lat"),
    "lon": ("lon", "lng", "long", "longitude", "bujur", "location_lon"),
}
#: headings that only an export of SP4N-LAPOR has together
_SP4N = frozenset(
    {
        *("tracking_id", "tanggal_laporan_masuk", "tanggal_masuk", "waktu_laporan_masuk"),
        *("klasifikasi_laporan", "judul_laporan", "isi_laporan_awal", "isi_laporan_akhir"),
        *("sumber_laporan", "instansi_induk", "instansi_terdisposisi", "dinas_tujuan"),
        *("status_laporan", "alasan_tunda_arsip", "alasan_tunda"),
    }
)
_ENOUGH_OF_SP4N = 4
SP4N_SOURCE = "sp4n-lapor"

#: Sumber Laporan, and the names that channels have here
_CHANNELS = {
    "Website*": "web",
    "Website Institusi": "web",
    "Android": "android",
    "ios": "ios",
    "SMS": "sms",
    "Whatsapp": "whatsapp",
    "Instagram": "instagram",
    "Facebook": "facebook",
    "Twitter": "x",
    "X": "x",
    "Telegram": "telegram",
    "Mastodon": "mastodon",
    "Hotline Service": "phone",
    "Call Center": "phone",
    "Telepon": "phone",
    "Email*": "email",
    "Tatap Muka": "counter",
    "Pos Surat": "letter",
    "web": "web",
    "open311": "open311",
}
_CLASSES = {
    "Pengaduan*": MentionClass.COMPLAINT.value,
    "Aduan": MentionClass.COMPLAINT.value,
    "Keluhan": MentionClass.COMPLAINT.value,
    "complaint": MentionClass.COMPLAINT.value,
    "Aspirasi": MentionClass.ASPIRATION.value,
    "aspiration": MentionClass.ASPIRATION.value,
    "Permintaan Informasi": MentionClass.INFORMATION_REQUEST.value,
    "information_request": MentionClass.INFORMATION_REQUEST.value,
}
_ANONYMITY = {
    "Anonim": Anonymity.ANONYMOUS.value,
    "anonymous": Anonymity.ANONYMOUS.value,
    "Rahasia": Anonymity.SECRET.value,
    "secret": Anonymity.SECRET.value,
    "open": Anonymity.OPEN.value,
    "Terbuka": Anonymity.OPEN.value,
    "Publik": Anonymity.OPEN.value,
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever imports says about a file, where its headings cannot."""

    #: SP4N-LAPOR says so itself; else the name of whoever hands the file in
    source: str
    #: where times without an offset were written, unless the source is known to use another
    zone: str
    #: overrides what is known about the source
    stated_zone: str | None = None
    #: of rows that do not say
    channel: str = "file"
    #: of rows that do not say
    anonymity: Anonymity = Anonymity.ANONYMOUS


def propose(columns: Sequence[str], wishes: Wishes) -> Mapping:
    """The mapping that these headings suggest.

    Raises:
        SourceUnreadable: none of them looks like the words of a complaint.
    """
    names: dict[str, str] = {}
    for column in columns:
        names.setdefault(_NO_WORD.sub("_", column.lower()).strip("_"), column)
    found: dict[str, str] = {}
    for field, aliases in _ALIASES.items():
        likeliest = next((names[alias] for alias in aliases if alias in names), None)
        if likeliest is not None:
            found[field] = likeliest
    words = [found[name] for name in ("text", "edited_text") if name in found]
    if not words and "title" not in found:
        raise SourceUnreadable("no column looks like the words of a complaint (isi_laporan, text)")
    sp4n = len(_SP4N & set(names)) >= _ENOUGH_OF_SP4N
    text: list[str | tuple[str, ...]] = [found["title"]] if "title" in found else []
    if words:
        text.append(words[0] if len(words) == 1 else tuple(words))
    # hours of known exports look like UTC, whatever the city's zone; some headings say so
    in_utc = sp4n or found.get("received_at", "").lower().endswith("utc")
    zone = wishes.stated_zone or ("+00:00" if in_utc else wishes.zone)
    place = [found[name] for name in ("address", "kelurahan", "kecamatan") if name in found]
    has_position = "lat" in found and "lon" in found
    told = {
        "source": SP4N_SOURCE if sp4n else wishes.source,
        "times": Times(format="any", zone=zone),
        "id": found.get("id"),
        "text": tuple(text),
        "address": tuple(place) or None,
        "position": PlaceColumns(lat=found["lat"], lon=found["lon"]) if has_position else None,
        "author": AuthorColumns(
            name=found.get("name"),
            handle=found.get("handle"),
            phone=found.get("phone"),
            email=found.get("email"),
        ),
        "channel": _code(found, "channel", _CHANNELS, wishes.channel) or wishes.channel,
        "anonymity": _code(found, "anonymity", _ANONYMITY, wishes.anonymity, Anonymity.SECRET)
        or wishes.anonymity,
        "class": _code(found, "class", _CLASSES),
        "received_at": found.get("received_at"),
        "received_time": found.get("received_time") if "received_at" in found else None,
    }
    return Mapping.model_validate(told)


def _code(
    found: Table[str, str],
    field: str,
    values: Table[str, str],
    default: str | None = None,
    unknown: str | None = None,
) -> Code | None:
    column = found.get(field)
    if column is None:
        return None
    return Code(column=column, values=dict(values), default=default, unknown=unknown, lenient=True)
