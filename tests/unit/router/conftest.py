from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests import suggesters

from router.domain import Compiled, Decision, Mention, Suggester, compile_document, decide

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
AGENCIES = ["dishub", "disperumkim", "dlh", "dpupr", "pln", "satpol-pp"]
CATEGORIES = ["garbage", "other", "road_damage", "street_light", "tree"]


def _rule(name: str, *terms: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "category": "other", "lead": "dlh", "any": list(terms)} | more


def _document(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "version": "v1",
        "zone": "Asia/Jakarta",
        "agencies": AGENCIES,
        "categories": CATEGORIES,
        "rules": list(rules),
    } | more


def _said(text: str, **more: Any) -> Mention:
    return Mention(**({"text": text, "received_at": NOON} | more))


def _decided(text: str, *rules: dict[str, Any], **more: Any) -> Decision:
    return decide(_said(text), _compiled(*rules, **more))


def _compiled(*rules: dict[str, Any], **more: Any) -> Compiled:
    return compile_document(_document(*rules, **more))


@pytest.fixture(scope="session")
def rule() -> Callable[..., dict[str, Any]]:
    """A routing rule by its id and the terms of `any`."""
    return _rule


@pytest.fixture(scope="session")
def document() -> Callable[..., dict[str, Any]]:
    """A rule set document of these rules."""
    return _document


@pytest.fixture(scope="session")
def compiled() -> Callable[..., Compiled]:
    """The same, compiled."""
    return _compiled


@pytest.fixture(scope="session")
def said() -> Callable[..., Mention]:
    """A mention with this text."""
    return _said


@pytest.fixture(scope="session")
def decided() -> Callable[..., Decision]:
    """What these rules make of this text."""
    return _decided


@pytest.fixture(scope="session")
def suggester() -> Callable[..., Suggester]:
    """A model that knows four words, the surer the stronger."""
    return suggesters.suggester
