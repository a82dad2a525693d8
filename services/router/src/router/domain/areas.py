"""Where is it? Kecamatan and kelurahan by their names, and only where they are certain."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from router.domain.compiling import Compiled
from router.domain.decisions import Area, Evidence, Why
from router.domain.matching import Found, Range, find, outermost
from router.domain.mentions import Mention
from router.domain.rulesets import Place

#: words before a name that say it is meant as a place: full and short, and the heads of the two
_INTRODUCTIONS = frozenset({"kelurahan", "kel", "lurah", "kecamatan", "kec", "camat"})
#: words before a name that make it a street, which may run through several areas
_STREETS = frozenset({"jalan", "jln", "jl", "gang", "gg"})
_MOST_UNCLEAR = 3


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in a text, and every place it may mean."""

    range: Range
    pattern: int
    places: tuple[Place, ...]
    introduced: bool


@dataclass(frozen=True, slots=True)
class Located:
    """An area and what speaks for it, or why it stays open."""

    area: Area = field(default_factory=Area)
    evidence: tuple[Evidence, ...] = ()
    unclear: tuple[Evidence, ...] = ()


def locate(compiled: Compiled, found: Found, mention: Mention) -> Located:
    """The area of the coordinates, the address, or else the text; a doubt is told, not guessed away."""
    if not compiled.places:
        return Located()
    named, in_address = _named_area(compiled, found, mention.address)
    if not compiled.borders or mention.latitude is None or mention.longitude is None:
        return named
    return _pinned(compiled, mention.latitude, mention.longitude, named, stated=in_address)


def _named_area(compiled: Compiled, found: Found, address: str | None) -> tuple[Located, bool]:
    """The area that words name, and whether they are those of the address."""
    if address:
        names = _names(compiled, find(compiled, address))
        if names:
            return _settle(names, None), True
    names = _names(compiled, found)
    return (_settle(names, found) if names else Located()), False


def _pinned(
    compiled: Compiled, latitude: float, longitude: float, named: Located, *, stated: bool
) -> Located:
    """The area around the coordinates, held against what words name."""
    around = compiled.borders.around(latitude, longitude)
    areas = {_area(place) for place in around}
    if not areas:
        outside = Evidence("place:coordinates", Why.PLACE_OUTSIDE)
        return replace(named, unclear=(*named.unclear, outside))
    if len(areas) > 1:
        return named if named.area in areas else _overlapping(around, areas, named)
    (area,) = areas
    evidence = Evidence(f"place:{area.kelurahan or area.kecamatan}", Why.PLACE_AROUND)
    if named.area.kecamatan is None:
        return Located(area, (evidence,), named.unclear)
    same = area.kecamatan == named.area.kecamatan
    if same and named.area.kelurahan in {None, area.kelurahan}:
        return Located(area, (evidence, *named.evidence), named.unclear)
    against = tuple(replace(one, why=Why.PLACE_CONTRADICTED) for one in named.evidence)
    if not stated:
        # a text may speak of other places too; what the reporter set is where it is
        return Located(area, (evidence,), (*against, *named.unclear))
    both = (replace(evidence, why=Why.PLACE_CONTRADICTED), *against, *named.unclear)
    return Located(Area(area.kecamatan if same else None), (), both)


def _overlapping(around: list[Place], areas: set[Area], named: Located) -> Located:
    """On a border that outlines share: no more than what they agree on."""
    doubt = tuple(
        Evidence(f"place:{place.code}", Why.PLACE_UNCLEAR)
        for place in sorted(around, key=lambda place: place.code)[:_MOST_UNCLEAR]
    )
    agreed = {area.kecamatan for area in areas}
    area = Area(agreed.pop()) if len(agreed) == 1 else Area()
    return Located(area, (), (*doubt, *named.evidence, *named.unclear))


def _area(place: Place) -> Area:
    if place.kind == "kecamatan":
        return Area(place.code)
    return Area(place.parent, place.code)


def _names(compiled: Compiled, found: Found) -> list[_Named]:
    names = []
    for pattern, ranges in found.ranges.items():
        for first, last in ranges if pattern in compiled.places else ():
            words = " ".join(found.words[first:last])
            places = tuple(
                compiled.ruleset.places[name.place]
                for name in compiled.places[pattern]
                if name.words == words
            )
            if places:
                introduced = _word(found, first - 1) in _INTRODUCTIONS
                names.append(_Named((first, last), pattern, places, introduced))
    return _meant(found, names) if names else []


def _meant(found: Found, names: list[_Named]) -> list[_Named]:
    """The names that stand for places, in order; where some are called a place, only those."""
    # "babakan" inside "babakan pasar" is another place
    longest = outermost(name.range for name in names)
    names = [name for name in names if name.range in longest]
    called = [name for name in names if name.introduced]
    if not called:
        # "pakuan" inside "tirta pakuan" is a company
        alone = outermost(one for ranges in found.ranges.values() for one in ranges)
        called = [
            name
            for name in names
            if name.range in alone and not _street(found, name) and not _everyday(name)
        ]
    # a name said again says the same
    said = {(name.pattern, name.places): name for name in called[::-1]}
    return sorted(said.values(), key=lambda name: name.range)


def _street(found: Found, name: _Named) -> bool:
    before = name.range[0] - 1
    return _word(found, before - (_word(found, before) == "raya")) in _STREETS


def _everyday(name: _Named) -> bool:
    return all(place.everyday for place in name.places)


def _word(found: Found, number: int) -> str:
    return found.words[number] if number >= 0 else ""


def _settle(names: list[_Named], found: Found | None) -> Located:
    common = set.intersection(*(_kecamatan(name.places) for name in names))
    if len(common) != 1:
        return Located(unclear=_evidence(names, found, Why.PLACE_UNCLEAR, _MOST_UNCLEAR))
    kecamatan = common.pop()
    kelurahan: set[str] = set()
    for name in names:
        here = [place for place in name.places if kecamatan in (place.code, place.parent)]
        # a name that kelurahan and kecamatan share says no more than the kecamatan
        if all(place.code != kecamatan for place in here):
            kelurahan.update(place.code for place in here)
    area = Area(kecamatan, kelurahan.pop() if len(kelurahan) == 1 else None)
    why = Why.PLACE_NAMED if found is not None else Why.PLACE_IN_ADDRESS
    code = area.kelurahan or kecamatan
    spans = found.spans(_terms(names)) if found is not None else ()
    evidence = (Evidence(f"place:{code}", why, spans=spans),)
    doubt = [name for name in names if len(kelurahan) > 1]
    return Located(area, evidence, _evidence(doubt, found, Why.PLACE_UNCLEAR, _MOST_UNCLEAR))


def _kecamatan(places: Iterable[Place]) -> set[str]:
    return {
        place.code if place.kind == "kecamatan" or place.parent is None else place.parent
        for place in places
    }


def _terms(names: Iterable[_Named]) -> list[tuple[int, str]]:
    return [(name.pattern, name.places[0].names[0]) for name in names]


def _evidence(
    names: list[_Named], found: Found | None, why: Why, most: int
) -> tuple[Evidence, ...]:
    by_place: dict[str, _Named] = {}
    for name in names:
        for place in name.places:
            by_place.setdefault(place.code, name)
    return tuple(
        Evidence(
            f"place:{code}",
            why,
            spans=found.spans(_terms([name])) if found is not None else (),
        )
        for code, name in sorted(by_place.items())[:most]
    )
