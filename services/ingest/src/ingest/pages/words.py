"""The words of the pages, in each language; the first one is the default."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "title": "Lacak laporan {ticket}",
        "ticket": "Nomor laporan",
        "received": "Diterima",
        "now": "Sekarang",
        "since": "Sejak {when}.",
        "promised": "Dijanjikan selesai paling lambat",
        "answer": "Jawaban resmi",
        "answer_version": "versi {version}, terbit {when}",
        "your_words": "Laporan Anda",
        "private": "Hanya Anda yang memiliki tautan ini dapat membaca isi laporan.",
        "keep_link": "Nomor laporan hanya menampilkan status. Isi laporan dibuka dengan tautan "
        "lengkap yang Anda terima.",
        "not_found_title": "Laporan tidak ditemukan",
        "not_found": "Tidak ada laporan dengan nomor ini. Periksa kembali setiap huruf dan angkanya, "
        "misalnya BGR-7K2M-4QXA-9.",
        "other_language": "English",
    },
    "en": {
        "title": "Track report {ticket}",
        "ticket": "Report number",
        "received": "Received",
        "now": "Now",
        "since": "Since {when}.",
        "promised": "Promised to be settled by",
        "answer": "Official answer",
        "answer_version": "version {version}, published {when}",
        "your_words": "Your report",
        "private": "Only you, who hold this link, can read the report itself.",
        "keep_link": "The report number shows the status only. The full link you were given opens "
        "the report itself.",
        "not_found_title": "Report not found",
        "not_found": "There is no report with this number. Please check every letter and digit, "
        "for example BGR-7K2M-4QXA-9.",
        "other_language": "Bahasa Indonesia",
    },
}

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
