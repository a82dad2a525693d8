"""The words of the pages in each language."""

from collections.abc import Mapping

MONTHS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

#: names of platforms are the same in every language
CHANNELS: Mapping[str, str] = {
    "x": "X",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "mastodon": "Mastodon",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "email": "E-mail",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "answer": "Jawaban resmi",
        "announcement": "Pengumuman resmi",
        "guide": "Panduan resmi",
        "education": "edukasi",
        "socialisation": "sosialisasi",
        "listening": "mendengarkan",
        "by": "dari {office}",
        "purpose": "Tujuan: {purpose}",
        "published": "Berlaku sejak {when}",
        "corrected": "Versi ini telah diganti oleh versi {version}.",
        "newest": "Baca versi terbaru",
        "retracted": "Pernyataan ini ditarik pada {when}.",
        "reason": "Alasan: {reason}",
        "confirmed": "Disetujui oleh {office} pada {when}, bukan oleh penulisnya",
        "variants": "Versi untuk tiap kanal",
        "history": "Riwayat",
        "version": "Versi {version}",
        "hash": "Sidik digital (SHA-256)",
        "hash_help": "Dihitung dari JSON kanonik teks lengkap dan versi tiap kanal.",
        "machine": "Untuk mesin (JSON)",
        "state_published": "berlaku",
        "state_corrected": "diganti",
        "state_retracted": "ditarik",
        "missing_title": "Pernyataan tidak ditemukan",
        "missing": "Tidak ada pernyataan resmi pada alamat ini.",
        "other_language": "English",
    },
    "en": {
        "answer": "Official answer",
        "announcement": "Official announcement",
        "guide": "Official guide",
        "education": "education",
        "socialisation": "socialisation",
        "listening": "listening",
        "by": "by {office}",
        "purpose": "Purpose: {purpose}",
        "published": "In force since {when}",
        "corrected": "This version has been replaced by version {version}.",
        "newest": "Read the newest version",
        "retracted": "This statement was retracted on {when}.",
        "reason": "Reason: {reason}",
        "confirmed": "Approved by {office} on {when}, not by its author",
        "variants": "Wording for each channel",
        "history": "History",
        "version": "Version {version}",
        "hash": "Fingerprint (SHA-256)",
        "hash_help": "Computed over the canonical JSON of the full text and the channels' wordings.",
        "machine": "For machines (JSON)",
        "state_published": "in force",
        "state_corrected": "replaced",
        "state_retracted": "retracted",
        "missing_title": "Statement not found",
        "missing": "There is no official statement at this address.",
        "other_language": "Bahasa Indonesia",
    },
}
