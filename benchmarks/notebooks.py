"""A notebook in a real JupyterLab, seen by a real Chromium."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub_config.ports import find_free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

__all__ = ["chromium", "notebook", "until"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_S = 300.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser that draws three dimensions by software."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def notebook(browser: Browser, cell: str, script: str = "") -> Iterator[tuple[Page, list[object]]]:
    """Run one cell of a notebook; yield the page, and a list to which all is added that page and kernel say.

    A script is run in the page before anything of its own.
    """
    said: list[object] = []

    def listen(socket: Any) -> None:  # noqa: ANN401 - Playwright's
        # Not the lists' own methods: Playwright marks its listeners.
        socket.on("framesent", lambda frame: said.append(frame))
        socket.on("framereceived", lambda frame: said.append(frame))

    with tempfile.TemporaryDirectory() as name, _served(Path(name), cell) as address:
        page = browser.new_page(viewport={"width": 1360, "height": 950})
        page.set_default_timeout(PATIENCE_S * 1000)
        page.add_init_script(script)
        page.on("websocket", listen)
        page.goto(address)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
        while not set("*1") & set(prompt.inner_text()):  # on a busy machine the page may not listen to keys yet
            page.locator(".jp-Cell .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(2000)
        page.get_by_text("[1]:").first.wait_for()
        yield page, said
        page.close()


@contextmanager
def _served(folder: Path, cell: str) -> Iterator[str]:
    """Serve a notebook of one cell; yield its address."""
    code: dict[str, Any] = {
        "cell_type": "code",
        "id": "only",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": cell,
    }
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    content = {"cells": [code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "only.ipynb").write_text(json.dumps(content))
    settings = folder / ".settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    (port,) = find_free_ports(1)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.user_settings_dir={folder}/.settings", f"--LabApp.workspaces_dir={folder}/.workspaces"]
    command += ["--ServerApp.iopub_msg_rate_limit=0", "--ServerApp.iopub_data_rate_limit=0"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)  # noqa: S603 - our own command
        try:
            until(lambda: _answers(f"http://127.0.0.1:{port}/api/status"), "JupyterLab to answer")
            yield f"http://127.0.0.1:{port}/lab/tree/only.ipynb"
        finally:
            server.terminate()
            server.wait(timeout=30)


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until ``holds()`` is true; raises TimeoutError where that takes too long."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end_s:
            message = f"waited {PATIENCE_S:g} s for {what}"
            raise TimeoutError(message)
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
            return True
    except (urllib.error.URLError, OSError):
        return False
