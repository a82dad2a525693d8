"""What a public status means, in plain words."""

from collections.abc import Mapping

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
