"""A route for hot paths, where the framework's general way would cost more than the work."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from lintas.web.policies import Policy
from lintas.web.reading import JsonBody


class LeanRoute(APIRoute):
    """Hands its endpoint the request, a principal and a JSON body, and sends what it returns.

    `route_class_override=LeanRoute`. Documents, policies and refusals are those of every route; an
    endpoint that wants anything else injected is a TypeError at start.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Resolve what is asked for in its order, then call the endpoint."""
        wanted = self.dependant
        steps = [
            (step.name, step.call)
            for step in wanted.dependencies
            if isinstance(step.call, Policy | JsonBody)
        ]
        others = (
            wanted.path_params,
            wanted.query_params,
            wanted.header_params,
            wanted.cookie_params,
            wanted.body_params,
        )
        injected = len(steps) < len(wanted.dependencies) or any(others)
        if wanted.request_param_name is None or injected:
            raise TypeError(f"{self.path} asks for more than a lean route gives")
        request_name, endpoint = wanted.request_param_name, self.endpoint

        async def answer(request: Request) -> Response:
            values: dict[str, Any] = {request_name: request}
            for name, call in steps:
                value = await call(request)
                # what a decorator asks for has no name: it may refuse, and no more
                if name is not None:
                    values[name] = value
            response: Response = await endpoint(**values)
            return response

        return answer
