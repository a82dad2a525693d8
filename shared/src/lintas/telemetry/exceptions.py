import traceback

from structlog.typing import ExcInfo

_LONGEST_MESSAGE = 200
_MOST_CAUSES = 5


def describe_exception(exc_info: ExcInfo) -> str:
    """A traceback without local values, and of each message only its first line.

    What follows the first line quotes data: the row a constraint refused, the parameters of a
    statement, the input a model did not accept.
    """
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(parts) < _MOST_CAUSES:
        message = str(error).partition("\n")[0][:_LONGEST_MESSAGE]
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}: {message}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\ncaused by:\n".join(parts)
