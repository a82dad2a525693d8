"""What the simulated staff decide. It hangs on the mention alone, so every run of a day ends alike."""

from typing import Any
from zlib import crc32

from lintas_local.demo.citizens import Accepted
from lintas_local.pack.demo import AnswersFile

#: of a hundred complaints so many are answered, and of those so many resolved, and closed
_ANSWERED, _RESOLVED, _CLOSED = 80, 60, 30
#: of a hundred contributors so many stay silent
_SILENT = 5


class Choices:
    """Decides by what the demo knows about each complaint."""

    def __init__(self, accepted: Accepted, answers: AnswersFile) -> None:
        self._accepted = accepted
        #: what is written about each category
        self.texts = answers

    def answers(self, complaint: str) -> bool:
        """Whether the lead answers it today."""
        return self._share(complaint, "answer") < _ANSWERED

    def resolves(self, complaint: str) -> bool:
        """Whether the lead says it is settled."""
        return self._share(complaint, "settle") < _RESOLVED

    def closes(self, complaint: str) -> bool:
        """Whether a settled one is closed too."""
        return self._share(complaint, "settle") < _CLOSED

    def stays_silent(self, complaint: str, agency: str) -> bool:
        """Whether this contributor never reacts."""
        return self._share(complaint, agency) < _SILENT

    def incident(self, complaint: str) -> str:
        """What it is answered together with: its burst, or nothing else."""
        mention = self._accepted.mentions.get(complaint)
        note = (mention.demo.note if mention else None) or ""
        return note if note.startswith("burst:") else complaint

    def _share(self, complaint: str, about: str) -> int:
        mention = self._accepted.mentions.get(complaint)
        # a complaint the demo did not send is decided by its own id
        who = mention.external_id if mention else complaint
        return crc32(f"{who}/{about}".encode()) % 100


def open_parts(complaint: dict[str, Any]) -> list[str]:
    """Agencies whose contribution to a complaint is still out."""
    return [
        part["agency"]
        for part in complaint["assignments"]
        if part["role"] == "contributor" and part["state"] in {"queued", "accepted"}
    ]
