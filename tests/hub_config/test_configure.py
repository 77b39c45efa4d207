"""The whole configuration, without a hub."""

import copy
from pathlib import Path

import pytest
from traitlets.config import Config

from hub_config.accounts import accounts_file, ensure_accounts
from hub_config.configure import configure
from hub_config.errors import AccountsError
from hub_config.routing import proxy_command
from hub_config.settings import HubSettings


@pytest.fixture
def settings(tmp_path: Path) -> HubSettings:
    ensure_accounts(accounts_file(tmp_path))
    return HubSettings(data_dir=tmp_path, session="process", port=9000)


def test_configuring_twice_changes_nothing(settings: HubSettings) -> None:
    c = Config()
    configure(c, settings, {})
    once = copy.deepcopy(c)
    configure(c, settings, {})
    assert c == once


def test_the_proxy_is_the_projects_own(settings: HubSettings) -> None:
    c = Config()
    configure(c, settings, {})
    assert c.ConfigurableHTTPProxy.command == proxy_command()
    assert all(Path(part).exists() for part in proxy_command())
    assert c.JupyterHub.bind_url == "http://127.0.0.1:9000"
    assert c.JupyterHub.hub_bind_url == "http://127.0.0.1:8081"


@pytest.mark.parametrize(("language", "first"), [("zh-CN", "zh-CN"), ("en", "en")])
def test_pages_warn_that_processes_are_not_isolated(settings: HubSettings, language: str, first: str) -> None:
    c = Config()
    configure(c, settings.model_copy(update={"language": language}), {})
    warning = c.JupyterHub.template_vars["announcement"]
    assert warning.startswith(f'<span lang="{first}">')
    assert "不隔离" in warning
    assert "not isolated" in warning


def test_no_accounts_no_hub(tmp_path: Path) -> None:
    with pytest.raises(AccountsError, match="no such accounts file"):
        configure(Config(), HubSettings(data_dir=tmp_path, session="process"), {})
