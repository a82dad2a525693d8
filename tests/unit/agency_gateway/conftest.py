"""Complaints and desks without a database."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from agency_gateway.domain.complaint import Case
from agency_gateway.domain.policies import Directory, Document
from agency_gateway.domain.routing import Desk
from lintas.testing.builders import NOON, complaint_id
from lintas.vocabulary.ids import MentionId
from lintas.vocabulary.terms import Anonymity, MentionClass, Origin, Stakeholder, Stance, Urgency

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def document(kind: str, code: str, body: dict[str, Any], **more: Any) -> Document:
    values = {
        "version": "1",
        "effective_from": None,
        "effective_to": None,
        "known_from": KNOWN,
    }
    return Document(kind=kind, id=code, body=body, **(values | more))


@pytest.fixture
def case() -> Case:
    return Case(
        id=complaint_id(1),
        ticket="BGR-00000001-0",
        mention_id=MentionId(UUID(int=1)),
        channel="x",
        account="kotabogor",
        mention_class=MentionClass.COMPLAINT,
        category="road_damage",
        kecamatan=None,
        kelurahan=None,
        urgency=Urgency.NORMAL,
        subject=None,
        stance=Stance.NEUTRAL,
        stakeholder=Stakeholder.CITIZEN,
        anonymity=Anonymity.ANONYMOUS,
        origin=Origin.LIVE,
        posted_at=None,
        received_at=NOON,
        rules_version="1",
        model_version=None,
        places_version=None,
        text_commitment="0" * 64,
    )


@pytest.fixture
def desk() -> Desk:
    """A city of the agencies a to e, without deadlines."""
    numbers = count(1)
    new_id: Callable[[Any], UUID] = lambda _agency: UUID(int=next(numbers))  # noqa: E731
    agencies = [document("agency", code, {"name": {}}) for code in "abcde"]
    return Desk(Directory.of(agencies, 1), NOON, new_id)
