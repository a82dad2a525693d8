"""A decision made once more: the same rules must give the same bytes."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from lintas.contracts.events import mentions, routing
from lintas.contracts.events.envelope import canonical_json
from lintas.vocabulary.errors import FieldError, Invalid
from router.domain import Compiled, Mention, decide
from router.usecases.deciding import to_domain, to_event
from router.usecases.rerouting import to_mention

_MOST_SHOWN = 20


def replay(compiled: Compiled, body: Mapping[str, Any]) -> dict[str, Any]:
    """What `compiled` makes of what the decision in `body` was about, held against that decision.

    `body` is that of a routed or a rerouted event.

    Raises:
        Invalid: it holds no decision that this code can read.
    """
    try:
        recorded = routing.Decision.model_validate(body.get("decision"))
        mention, without = _about(body)
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        raise Invalid(
            "This is no event with a decision.", [FieldError(pointer, first["type"], first["msg"])]
        ) from None
    now = to_event(decide(mention, compiled, recorded.round, without))
    told, again = recorded.model_dump(mode="json"), now.model_dump(mode="json")
    before, after = canonical_json(told), canonical_json(again)
    differences = list(_differences("", told, again)) if before != after else []
    return {
        "complaint_id": body.get("complaint_id"),
        "round": recorded.round,
        "rules_version": recorded.rules_version,
        "replayed_by": compiled.version,
        "same": before == after,
        "sha256": hashlib.sha256(before).hexdigest(),
        "replayed_sha256": hashlib.sha256(after).hexdigest(),
        "differences": differences[:_MOST_SHOWN],
    }


def _about(body: Mapping[str, Any]) -> tuple[Mention, tuple[str, ...]]:
    if "returned" in body:
        returned = routing.Returned.model_validate(body["returned"])
        return to_mention(returned), returned.without
    return to_domain(mentions.Mention.model_validate(body.get("mention"))), ()


def _differences(pointer: str, one: Any, other: Any) -> Iterator[dict[str, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differences(f"{pointer}/{name}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(f"{pointer}/{number}", left, right)
    elif one != other:
        yield {"pointer": pointer, "recorded": one, "replayed": other}
