"""`lintas rules publish`: hand a version in, show what changes, announce it."""

import os
from typing import Annotated, Any

import typer

from lintas_local.applying import pack_folder
from lintas_local.client import Service
from lintas_local.commands.rules_diff import say_differences
from lintas_local.output import AsJson, people, say_json, told
from lintas_local.pack import PackInvalid, load_pack, ruleset
from lintas_local.stack import StackProblem

Name = Annotated[str, typer.Argument(help="A pack of deploy/packs by its name, or a folder.")]


def publish(
    pack: Name = "bogor",
    *,
    stored: Annotated[
        str | None,
        typer.Option(help="No pack, but this version that was handed in; an older one to go back."),
    ] = None,
    effective_at: Annotated[
        str | None,
        typer.Option(help="From when it applies (RFC 3339 with offset); soon if left out."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask. With --json nothing is published without.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hand rules in with the operator's key, show what they change, and publish with the publisher's.

    Another party publishes a version than handed it in. Without the publisher's key it stays a
    draft for whoever has one.
    """
    with told():
        with Service.of("router", os.environ) as router:
            version, advice = (stored, []) if stored else _handed_in(router, pack)
            found = router.get(f"/v1/rulesets/{version}/diff")
        if not as_json:
            say_differences(found)
            people.print(f"{len(advice)} pieces of advice (`lintas rules lint`)")
        agreed = yes or (not as_json and typer.confirm(f"Publish {version}?"))
        published = _announced(version, effective_at) if agreed else None
    if as_json:
        say_json(
            {"version": version, "advice": advice, "differences": found, "published": published}
        )
    elif published is None:
        people.print(f"{version} stays as it is")
    else:
        people.print(
            f"[green]●[/] {version} decides from {published['effective_at']}", highlight=False
        )


def _handed_in(router: Service, pack: str) -> tuple[str, list[dict[str, Any]]]:
    try:
        document = ruleset(load_pack(pack_folder(pack)))
    except PackInvalid as invalid:
        raise StackProblem(str(invalid), "See `lintas pack check`") from None
    advice = router.post("/v1/rulesets/lint", document)["advice"]
    return router.post("/v1/rulesets", document)["version"], advice


def _announced(version: str, effective_at: str | None) -> Any:
    body = {} if effective_at is None else {"effective_at": effective_at}
    with Service.of("router", os.environ, holder="publisher") as router:
        return router.post(f"/v1/rulesets/{version}/publish", body)
