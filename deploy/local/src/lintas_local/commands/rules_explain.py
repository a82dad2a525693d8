"""`lintas rules explain`: what rules make of a text and why, and whether a decision replays."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from os import environ
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml
from rich.markup import escape
from rich.text import Text

from lintas_local.applying import pack_folder
from lintas_local.client import Service
from lintas_local.output import FAILED, AsJson, people, say_json, say_rows, told
from lintas_local.pack import PackInvalid, load_pack, ruleset
from lintas_local.rules.models import ModelFiles, read_models, usable
from lintas_local.stack import StackProblem
from router.app import offline, replaying

_DECIDED, _LOST = "bold black on green", "black on yellow"


def explain(
    text: Annotated[
        str | None, typer.Argument(help="What somebody says; from standard input if absent.")
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help="The text is in this file.", exists=True, dir_okay=False)
    ] = None,
    pack: Annotated[
        str | None,
        typer.Option(help="By the rules of a pack (its name or a folder), without a service."),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="By the rule set document in this file (YAML or JSON), without a service.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Where it is said.")] = None,
    address: Annotated[str | None, typer.Option(help="Where the reporter says it is.")] = None,
    at: Annotated[
        datetime | None, typer.Option(help="When; the rules in effect then decide. Now, if absent.")
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            help="Instead of a text: routed events, one JSON object a line. Each is decided once"
            " more by the version that decided it, and held against its decision byte by byte.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    model: ModelFiles = None,
    as_json: AsJson = False,
) -> None:
    """Tell class, agencies and reasons, the words that count, and why other rules lost.

    By the running router, unless a pack or a rule set is named. --json gives the answer of
    POST /v1/explain. --replay ends with 1 if a decision is not the same.
    """
    with told():
        document = _document(pack, rules)
        if model and document is None:
            raise StackProblem("--model goes with --pack or --rules", "The router has its own")
        models = read_models(model)
        if replay is not None:
            _replay(replay, document, models, as_json=as_json)
            return
        said = _text(text, file)
        body: dict[str, Any] = {"text": said} | ({"channel": channel} if channel else {})
        body |= {"location": {"address": address}} if address else {}
        body |= {"received_at": at.astimezone().isoformat()} if at else {}
        answer = _ask(body) if document is None else _offline(document, models, body)
        if as_json:
            say_json(answer)
        else:
            _say(said, answer)


def _document(pack: str | None, rules: Path | None) -> dict[str, Any] | None:
    if rules is not None:
        try:
            document = yaml.safe_load(rules.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            raise StackProblem(f"{rules} is neither YAML nor JSON") from None
        if not isinstance(document, dict):
            raise StackProblem(f"{rules} is no rule set document")
        return document
    if pack is None:
        return None
    try:
        return ruleset(load_pack(pack_folder(pack)))
    except PackInvalid as invalid:
        raise StackProblem(str(invalid)) from None


def _text(text: str | None, file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8")
    if text is not None:
        return text
    if sys.stdin.isatty():
        raise StackProblem(
            "There is no text", "Give it as an argument, by --file or through a pipe"
        )
    return sys.stdin.read()


def _ask(body: Mapping[str, Any]) -> dict[str, Any]:
    with Service.of("router", environ) as router:
        return dict(router.post("/v1/explain", body))


def _offline(
    document: Mapping[str, Any], models: list[bytes], body: Mapping[str, Any]
) -> dict[str, Any]:
    with usable():
        return offline(document, models)(body)


def _say(said: str, answer: Mapping[str, Any]) -> None:
    because, others = answer["explanation"]["decided_by"], answer["explanation"]["runners_up"]
    people.print(_marked(said, because, others), soft_wrap=True)
    people.print()
    helpers = [f"{one['agency']} ({one['reason']})" for one in answer["contributors"]]
    facts = {
        "outcome": answer["outcome"],
        "class": answer["policy_class"] or answer["mention_class"],
        "category": answer["category"],
        "agency": answer["lead"],
        "contributors": helpers,
        "urgency": answer["urgency"],
        "area": " ".join(filter(None, answer["area"].values())),
        "stance": f"{answer['stance']}: {answer['subject']}" if answer["subject"] else None,
        "rules": answer["rules_version"],
        "model": answer["model_version"],
    }
    say_rows("Decision", ("what", "is"), [{"what": k, "is": v} for k, v in facts.items() if v])
    columns = ("rule", "agency", "score", "why", "words")
    for title, evidence in (("Because", because), ("And not", others)):
        if evidence:
            say_rows(title, columns, [_row(one) for one in evidence])


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    words = [
        span["words"] + (f" (read as {span['read_as']})" if span["read_as"] else "")
        for span in one["spans"]
    ]
    return {
        "rule": one["rule"],
        "agency": one["agency"],
        "score": f"{one['weight']:g}" if one["weight"] else None,
        "why": one["why"],
        # what somebody wrote is no markup of ours
        "words": [escape(one) for one in dict.fromkeys(words)],
    }


def _marked(
    said: str, because: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]
) -> Text:
    """The text, with the words of what lost coloured, and those of the decision in ⟦brackets⟧ too."""
    marked = Text(said)
    for start, end in _places(others):
        marked.stylize(_LOST, start, end)
    decided = _places(because)
    for start, end in decided:
        marked.stylize(_DECIDED, start, end)
    shown = Text()
    behind = 0
    for start, end in decided:
        shown.append_text(marked[behind:start]).append("⟦")
        shown.append_text(marked[start:end]).append("⟧")
        behind = end
    return shown.append_text(marked[behind:])


def _places(evidence: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Where the words of `evidence` stand, in order; what overlaps is one place."""
    places: list[tuple[int, int]] = []
    for start, end in sorted(
        (span["start"], span["end"]) for one in evidence for span in one["spans"]
    ):
        if places and start < places[-1][1]:
            places[-1] = places[-1][0], max(end, places[-1][1])
        else:
            places.append((start, end))
    return places


def _replay(
    file: Path, document: dict[str, Any] | None, models: list[bytes], *, as_json: bool
) -> None:
    by_version = cache(_published)
    results = []
    with usable(str(file)):
        named = None if document is None else replaying(document, models)
        for number, body in _events(file):
            decision = body.get("decision")
            version = decision.get("rules_version") if isinstance(decision, dict) else None
            again = named or by_version(str(version))
            results.append({"line": number} | again(body))
    differing = [one for one in results if not one["same"]]
    if as_json:
        say_json(
            {"replayed": len(results), "same": len(results) - len(differing), "items": results}
        )
    else:
        for one in differing:
            title = f"line {one['line']}, complaint {one['complaint_id']}, round {one['round']}:"
            title += f" by {one['rules_version']} then, by {one['replayed_by']} now"
            say_rows(title, ("pointer", "recorded", "replayed"), one["differences"])
        people.print(
            f"{len(results)} decisions replayed, {len(results) - len(differing)} the same,"
            f" byte for byte"
        )
    if differing:
        raise typer.Exit(FAILED)


def _published(version: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    if version == "none":
        return replaying(None)
    with Service.of("router", environ) as router:
        document = router.get(f"/v1/rulesets/{version}")["document"]
        named = document.get("model")
        path = f"/v1/models/{named['version']}/content" if named else None
        return replaying(document, [router.content(path)] if path else ())


def _events(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                body = orjson.loads(line)
            except orjson.JSONDecodeError:
                body = None
            if not isinstance(body, dict):
                raise StackProblem(f"{file}:{number} is no JSON object")
            # with its headers, or the body alone
            yield number, body.get("value") or body
