"""Statements as events, and the words a hash covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from agency_gateway.domain.statement import Statement, Wording
from lintas.contracts.events import statements
from lintas.contracts.events.envelope import canonical_json
from lintas.telemetry import child_traceparent
from lintas.vocabulary.ids import PersonId, derived_id


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote."""

    text: str
    #: channel → text
    variants: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The one byte sequence that is hashed, confirmed and kept."""
        return canonical_json({"text": self.text, "variants": dict(self.variants)})

    @property
    def wording(self) -> Wording:
        """The words with their hash."""
        return Wording(self.text, sha256(self.content).hexdigest(), dict(self.variants))


def drafted(statement: Statement, person: PersonId, now: datetime) -> statements.StatementDrafted:
    """Somebody wrote or changed it; ids and hash only."""
    return statements.StatementDrafted(
        **_common(statement, person, now, f"drafted/{statement.revision}")
    )


def confirmed(
    statement: Statement, person: PersonId, now: datetime
) -> statements.StatementConfirmed:
    """Somebody else approved exactly this hash."""
    return statements.StatementConfirmed(
        **_common(statement, person, now, f"confirmed/{statement.revision}"), **_words(statement)
    )


def published(
    statement: Statement, person: PersonId, now: datetime
) -> statements.StatementPublished | statements.StatementCorrected:
    """It stands at its address: the first version, or one that replaces the one before."""
    common, words = _common(statement, person, now, "published"), _words(statement)
    if statement.version == 1:
        return statements.StatementPublished(**common, **words)
    return statements.StatementCorrected(**common, **words, corrects=statement.version - 1)


def retracted(
    statement: Statement, person: PersonId, now: datetime, reason: str
) -> statements.StatementRetracted:
    """It no longer stands."""
    return statements.StatementRetracted(
        **_common(statement, person, now, "retracted"), reason=reason
    )


def _common(statement: Statement, person: PersonId, now: datetime, fact: str) -> dict[str, Any]:
    return {
        "event_id": derived_id(statement.id, fact, statement.version),
        "occurred_at": now,
        "recorded_at": now,
        "correlation_id": statement.id,
        "traceparent": child_traceparent(),
        "statement_id": statement.id,
        "version": statement.version,
        "kind": statement.kind,
        "purpose": statement.purpose,
        "agency": statement.agency,
        "complaint_ids": statement.complaint_ids,
        "sha256": statement.wording.sha256,
        "person_id": person,
    }


def _words(statement: Statement) -> dict[str, Any]:
    return {"text": statement.wording.text, "variants": dict(statement.wording.variants)}
