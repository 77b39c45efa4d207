"""Login of the pages through JupyterHub's OAuth (authorization code with PKCE, RFC 7636).

The token that JupyterHub gives is kept in a cookie of this service's path alone. It is unguessable and JupyterHub is
asked about it, so it needs no signature of ours.
"""

import base64
import hashlib
import re
import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from grading.hub import Identity
from grading.service import Service, service_of

__all__ = ["LoginFailedError", "LoginNeededError", "recognised", "redirect_to_login", "router"]

router = APIRouter(include_in_schema=False)

SESSION_COOKIE = "shixun-grading"
_STATE_COOKIE = "shixun-grading-login-"
_HUB_SESSION_COOKIE = "jupyterhub-session-id"
_STATE_SECONDS = 600
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")


class LoginNeededError(Exception):
    """The browser has no valid session; send it to JupyterHub."""


class LoginFailedError(Exception):
    """JupyterHub sent the browser back without a login that this service has begun."""


def recognised(request: Request, service: Annotated[Service, Depends(service_of)]) -> Identity:
    """Return who uses this browser."""
    token = request.cookies.get(SESSION_COOKIE)
    session = request.cookies.get(_HUB_SESSION_COOKIE, "")
    identity = service.hub.identity(token, session) if token else None
    if identity is None:
        raise LoginNeededError
    if service.limiter.take(identity.name) > 0:
        raise HTTPException(429)
    return identity


def _own(service: Service, path: str) -> str:
    """Return a path of this service, or its first page: a login must lead nowhere else."""
    home = service.connection.service_prefix
    ours = path.startswith(home) and not path.startswith("//") and "\\" not in path
    return path if ours and path.isprintable() else home


def redirect_to_login(request: Request) -> Response:
    """Send the browser to JupyterHub, and remember with which state it left."""
    service = service_of(request)
    connection = service.connection
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode(
        {
            "client_id": connection.client_id,
            "redirect_uri": connection.callback,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    response = RedirectResponse(f"{connection.authorize_url}?{query}", 302, {"Cache-Control": "no-store"})
    target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    remembered = f"{verifier}.{base64.urlsafe_b64encode(target.encode()).decode()}"
    _set(response, request, _STATE_COOKIE + state, remembered, max_age=_STATE_SECONDS)
    response.delete_cookie(SESSION_COOKIE, path=connection.service_prefix)
    return response


def _set(response: Response, request: Request, name: str, value: str, max_age: int | None = None) -> None:
    connection = service_of(request).connection
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=connection.service_prefix,
        secure=request.url.scheme == "https" or connection.public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


@router.get("/oauth_callback")
def callback(
    request: Request,
    service: Annotated[Service, Depends(service_of)],
    code: Annotated[str, Query(max_length=512)] = "",
    state: Annotated[str, Query(max_length=512)] = "",
) -> Response:
    """Take the browser back from JupyterHub, with a session."""
    cookie = _STATE_COOKIE + state
    remembered = request.cookies.get(cookie) if _STATE.fullmatch(state) else None
    if not code or remembered is None:
        raise LoginFailedError
    verifier, _, target = remembered.partition(".")
    token = service.hub.exchange(code, verifier)
    if token is None:
        raise LoginFailedError
    try:
        path = base64.urlsafe_b64decode(target).decode()
    except ValueError as error:
        raise LoginFailedError from error
    response = RedirectResponse(_own(service, path), 302, {"Cache-Control": "no-store"})
    _set(response, request, SESSION_COOKIE, token)
    response.delete_cookie(cookie, path=service.connection.service_prefix)
    return response
