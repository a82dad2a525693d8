from datetime import datetime
from typing import Self

from pydantic import BaseModel

from metrics.domain.answers import Listening
from metrics.domain.questions import KPI_VERSION
from metrics.schemas.positions import PositionOut


class VoiceOut(BaseModel):
    """One stakeholder's stance on a subject."""

    stance: str
    stakeholder: str
    n: int
    n_answered: int


class SubjectOut(BaseModel):
    """What people say about one policy."""

    subject: str
    n: int
    cells: list[VoiceOut]


class ListeningOut(BaseModel):
    """Stance by stakeholder, by subject."""

    as_of: datetime
    kpi_version: str
    positions: list[PositionOut]
    subjects: list[SubjectOut]

    @classmethod
    def of(cls, heard: Listening) -> Self:
        """What was heard as it is sent."""
        return cls(
            as_of=heard.ask.as_of,
            kpi_version=KPI_VERSION,
            positions=PositionOut.several(heard.positions),
            subjects=[
                SubjectOut(
                    subject=subject.subject,
                    n=subject.n,
                    cells=[
                        VoiceOut(
                            stance=voice.stance,
                            stakeholder=voice.stakeholder,
                            n=voice.n,
                            n_answered=voice.n_answered,
                        )
                        for voice in subject.voices
                    ],
                )
                for subject in heard.subjects
            ],
        )
