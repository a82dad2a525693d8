class StackProblem(Exception):
    """Why the stack cannot start, in one line, and what to do about it."""

    def __init__(self, reason: str, fix: str | None = None) -> None:
        super().__init__(reason if fix is None else f"{reason}. {fix}")
        self.reason = reason
        self.fix = fix
