"""What a pack knows of words before a model learns: which belong to one rule, which to one agency."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from lintas_local.pack import Pack, ruleset


@dataclass(frozen=True, slots=True)
class Related:
    """Terms that have something in common, whatever the rows teach about each of them."""

    #: whose terms they are; for the card
    source: str = "nobody's"
    #: what they have in common → the terms
    terms: Mapping[str, frozenset[str]] = field(default_factory=dict)


def related(pack: Pack) -> Related:
    """The terms of a pack's rules: those of one rule are related, and those of one agency or class."""
    document = ruleset(pack)
    terms: dict[str, set[str]] = defaultdict(set)
    for rule in (*document["rules"], *document["classes"]):
        for one in (f"rule {rule['id']}", f"for {rule.get('lead') or rule.get('class')}"):
            terms[one].update(rule["any"], rule["all"])
    return Related(
        f"rules {pack.city.code} {document['version']}",
        {one: frozenset(found) for one, found in sorted(terms.items())},
    )
