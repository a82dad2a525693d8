import asyncio

from lintas_local.foreground import shown_on
from lintas_local.output import AsJson, people, say_json, told
from lintas_local.stack import SERVICES, Stack, StackProblem, silent


def prepare(*, as_json: AsJson = False) -> None:
    """Make topics, databases, roles and tables on running servers; again changes nothing.

    For LINTAS_KAFKA and LINTAS_DATABASE_URL, before the services start there. `lintas up` does
    the same by itself.
    """
    with told():
        stack = Stack(report=silent if as_json else shown_on(people))
        if not stack.settings.kafka or not stack.settings.database_url:
            raise StackProblem(
                "there is nothing to prepare",
                "Set LINTAS_KAFKA and LINTAS_DATABASE_URL, or use `lintas up`",
            )
        asyncio.run(stack.prepare())
    if as_json:
        say_json({"kafka": stack.kafka, "services": list(SERVICES)})
