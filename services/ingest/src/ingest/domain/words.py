"""What a public status means, in plain words."""

from collections.abc import Mapping

from ingest.domain.open311.requests import State
from lintas.vocabulary.terms import PublicStatus

STATUS_TEXT: Mapping[PublicStatus, Mapping[str, str]] = {
    PublicStatus.RECEIVED: {
        "id": "Laporan Anda sudah kami terima dan akan segera ditangani.",
        "en": "We have received your report and will take it up soon.",
    },
    PublicStatus.IN_PROGRESS: {
        "id": "Laporan Anda sedang ditangani.",
        "en": "Your report is being worked on.",
    },
    PublicStatus.ANSWERED: {
        "id": "Laporan Anda sudah dijawab.",
        "en": "Your report has been answered.",
    },
    PublicStatus.RESOLVED: {
        "id": "Laporan Anda sudah selesai ditangani.",
        "en": "The matter you reported has been settled.",
    },
    PublicStatus.CLOSED: {
        "id": "Laporan ini sudah ditutup.",
        "en": "This report is closed.",
    },
    PublicStatus.NO_ACTION: {
        "id": "Terima kasih, pesan Anda sudah kami baca. Tidak ada tindakan yang diperlukan.",
        "en": "Thank you, we have read your message. No action is needed.",
    },
    PublicStatus.REJECTED: {
        "id": "Laporan ini di luar kewenangan kota; penjelasannya ada pada jawaban.",
        "en": "This is outside the city's powers; the answer says where to turn.",
    },
    PublicStatus.WITHDRAWN: {
        "id": "Laporan ini ditarik oleh pelapor.",
        "en": "The reporter has withdrawn this report.",
    },
}

#: what became of a request, where no published answer says it
REQUEST_TEXT: Mapping[State, Mapping[str, str]] = {
    State.REGISTERED: {"id": "Laporan diterima.", "en": "The report was received."},
    State.TRIAGE: {
        "id": "Laporan sedang dipilah.",
        "en": "The report is being sorted.",
    },
    State.ASSIGNED: {
        "id": "Laporan diteruskan kepada yang menangani.",
        "en": "The report was passed to those who deal with it.",
    },
    State.IN_PROGRESS: {
        "id": "Laporan sedang ditangani.",
        "en": "The report is being worked on.",
    },
    State.ANSWERED: {"id": "Laporan sudah dijawab.", "en": "The report was answered."},
    State.RESOLVED: {
        "id": "Laporan sudah selesai ditangani.",
        "en": "The matter was settled.",
    },
    State.CLOSED: {"id": "Laporan ditutup.", "en": "The report was closed."},
    State.REOPENED: {"id": "Laporan dibuka kembali.", "en": "The report was opened again."},
    State.REJECTED: {
        "id": "Laporan di luar kewenangan kota.",
        "en": "The matter is outside the city's powers.",
    },
    State.MERGED: {
        "id": "Laporan digabung dengan laporan lain tentang kejadian yang sama.",
        "en": "The report was joined with others about the same matter.",
    },
    State.WITHDRAWN: {
        "id": "Laporan ditarik oleh pelapor.",
        "en": "The reporter has withdrawn the report.",
    },
    State.NO_ACTION: {
        "id": "Tidak ada tindakan yang diperlukan.",
        "en": "No action is needed.",
    },
}
