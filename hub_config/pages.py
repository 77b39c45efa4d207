"""The hub's own pages: logging in, waiting for a session, starting and stopping it."""

from pathlib import Path

from traitlets.config import Config

from hub_config.people import Directory
from hub_config.services import GRADING_PATH
from hub_config.settings import HubSettings, Session

TEMPLATES = Path(__file__).parent / "templates"

NOT_ISOLATED = {
    "zh-CN": "实训会话以本机进程运行，彼此不隔离，仅供试用；正式使用请安装 Docker。",
    "en": "Sessions run as local processes that are not isolated from one another: for trying out only. "
    "Install Docker for real use.",
}


def announcement(language: str) -> str:
    """Word the warning that sessions are not isolated, the preferred language first.

    Parameters
    ----------
    language
        ``zh-CN`` or ``en``.

    Returns
    -------
    str
        Both languages, as HTML.
    """
    order = [language, *(other for other in NOT_ISOLATED if other != language)]
    return "<br>".join(f'<span lang="{each}">{NOT_ISOLATED[each]}</span>' for each in order)


def apply_pages(c: Config, settings: HubSettings, session: Session, directory: Directory) -> None:
    """Set the templates of the hub's pages and what they show."""
    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.logo_file = str(TEMPLATES / "logo.svg")
    variables: dict[str, object] = {
        "language": settings.language,
        "labs_url": GRADING_PATH,
        "directory": directory,
        "identity": settings.identity,
        "isolated": session != "process",
    }
    if session == "process":
        variables["announcement"] = announcement(settings.language)
    c.JupyterHub.template_vars = variables
