"""Which way of logging in a training base has."""

from traitlets.config import Config

from hub_config.accounts import accounts_file
from hub_config.identity import DemoAuthenticator
from hub_config.invitations import invitations_file
from hub_config.people import Directory
from hub_config.person import AccountRole
from hub_config.settings import HubSettings

__all__ = ["apply_authentication"]


def apply_authentication(c: Config, settings: HubSettings, directory: Directory) -> None:
    """Set who may log in and how, who administers the hub, and that groups and roles come from the directory.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings.
    directory
        Who belongs to the training base.

    Raises
    ------
    AccountsError
        When the directory's files are at fault, or the OpenID provider does not answer as one.
    """
    people = directory.people().values()
    match settings.identity:
        case "demo":
            c.JupyterHub.authenticator_class = DemoAuthenticator
            c.DemoAuthenticator.accounts_file = str(accounts_file(settings.data_dir))
        # Imported where they are used: each brings libraries that a hub starts sooner without.
        case "roster":
            from hub_config.school_login import SHORTEST_PASSWORD, SchoolAuthenticator

            c.JupyterHub.authenticator_class = SchoolAuthenticator
            c.SchoolAuthenticator.invitations_file = str(invitations_file(settings.data_dir))
            c.NativeAuthenticator.enable_signup = False
            c.NativeAuthenticator.open_signup = False
            c.NativeAuthenticator.check_common_password = True
            c.NativeAuthenticator.minimum_password_length = SHORTEST_PASSWORD
            # A name is blocked, not an address: a classroom has one address, so few wrong tries would shut it out.
            c.NativeAuthenticator.allowed_failed_logins = 10
            c.NativeAuthenticator.seconds_before_next_try = 60
        case "oidc":
            from hub_config.oidc import OidcAuthenticator, discover

            c.JupyterHub.authenticator_class = OidcAuthenticator
            for name, value in discover(settings).items():
                c.OidcAuthenticator[name] = value
    c.DirectoryAuthenticator.directory = directory
    c.Authenticator.manage_groups = True
    c.Authenticator.manage_roles = True
    c.Authenticator.reset_managed_roles_on_startup = True
    c.Authenticator.admin_users = {
        person.name for person in people if person.role is AccountRole.PLATFORM_ADMINISTRATOR
    }
