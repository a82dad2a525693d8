from datetime import datetime

from starlette.responses import Response

from lintas.web.policies import SESSION_COOKIE


def sign_in(response: Response, token: str, expires_at: datetime, *, secure: bool) -> None:
    """Let the browser carry a session; scripts cannot read it, other sites cannot use it."""
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires_at, secure=secure, httponly=True, samesite="lax"
    )


def sign_out(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
