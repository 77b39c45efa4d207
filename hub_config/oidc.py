"""Logging in at somebody else's: an OpenID Connect provider says who somebody is, the roster what she may do."""

from typing import Any

import httpx
from oauthenticator.generic import GenericOAuthenticator

from hub_config.errors import AccountsError
from hub_config.identity import DirectoryAuthenticator
from hub_config.people_page import PeopleHandler
from hub_config.settings import HubSettings

__all__ = ["OidcAuthenticator", "discover"]

_TIMEOUT_S = 10.0


class OidcAuthenticator(DirectoryAuthenticator, GenericOAuthenticator):  # type: ignore[misc]  # untyped
    """Let in whom the provider knows and a roster names."""

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401
        """List the provider's pages, and that of the rosters."""
        return [*super().get_handlers(app), ("/people", PeopleHandler)]

    async def update_auth_model(self, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Put in what the directory says; who does not stand in it is refused afterwards."""
        return auth_model | (self.model(auth_model["name"]) or {"groups": [], "roles": [], "admin": False})

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        """Tell the directory's groups: the provider's are another institution's words."""
        info = auth_state[self.user_auth_state_key]
        person = self.directory.person(self.normalize_username(self.user_info_to_username(info)))
        return set(person.groups) if person else set()


def discover(settings: HubSettings) -> dict[str, Any]:
    """Ask a provider where its parts are.

    Parameters
    ----------
    settings
        The hub's settings, of which ``oidc_issuer`` names the provider.

    Returns
    -------
    dict
        Traits of `OidcAuthenticator`.

    Raises
    ------
    AccountsError
        When the provider does not answer, or not as one, or the secret's file cannot be read.
    """
    issuer = settings.oidc_issuer.rstrip("/")
    address = f"{issuer}/.well-known/openid-configuration"
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, follow_redirects=True).raise_for_status().json()
        said, places = answer["issuer"], [answer[f"{each}_endpoint"] for each in ("authorization", "token", "userinfo")]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        msg = f"oidc_issuer={settings.oidc_issuer!r}: {address} tells no OpenID provider's configuration ({error!r})"
        raise AccountsError(msg) from error
    if said.rstrip("/") != issuer:
        msg = f"oidc_issuer={settings.oidc_issuer!r}: the provider calls itself {said!r}; set that"
        raise AccountsError(msg)
    path = settings.oidc_client_secret_file
    try:
        secret = path.read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        msg = f"oidc_client_secret_file={str(path)!r}: cannot be read ({error.strerror}); name a readable file"
        raise AccountsError(msg) from error
    public = settings.subdomain_host or settings.outside_url
    return {
        "authorize_url": places[0],
        "token_url": places[1],
        "userdata_url": places[2],
        "client_id": settings.oidc_client_id,
        "client_secret": secret,
        "scope": ["openid", "profile"],
        "username_claim": settings.oidc_username_claim,
        "login_service": "学校统一身份认证 · your school's log-in",
        "oauth_callback_url": f"{public}/hub/oauth_callback" if public else "",
    }
