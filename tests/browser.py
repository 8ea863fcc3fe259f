"""A browser without a window: Chromium over the DevTools protocol, which it speaks on two pipes."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")

TIMEOUT_S = 60.0


def find_browser() -> str | None:
    """Return the path of a browser, or None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """A page of the browser, and the events that it has reported so far."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, os.fdopen(answers, "rb")
        self._numbers = itertools.count(1)
        self._session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **self._session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        return self._read_until(lambda found: found.get("id") == number)["result"]  # type: ignore[no-any-return]

    def _read_until(self, is_wanted: Any) -> dict[str, Any]:
        while True:
            text = bytearray()
            while (byte := self._answers.read(1)) != b"\0":
                if not byte:
                    raise ConnectionError("the browser has ended")
                text += byte
            found: dict[str, Any] = json.loads(text)
            if "method" in found:
                self.events.append(found)
            if "error" in found:
                raise RuntimeError(found["error"])
            if is_wanted(found):
                return found

    def open(self, path: Path, width_px: int, *, dark: bool = False) -> None:
        """Load a file in a window of this width, and wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=900,
            deviceScaleFactor=1,
            mobile=width_px < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        if not self.seen("Page.loadEventFired"):
            self._read_until(lambda found: found.get("method") == "Page.loadEventFired")

    def seen(self, method: str) -> list[dict[str, Any]]:
        """Return the parameters of all events of a kind since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Write a picture of the whole page."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))


@contextmanager
def browser(executable: str) -> Iterator[Page]:
    """Start a browser, yield a page of it, and end it."""
    with tempfile.TemporaryDirectory() as profile:
        to_browser, commands = os.pipe()
        answers, from_browser = os.pipe()

        def pipes() -> None:
            # The browser reads commands from descriptor 3 and answers on 4.
            os.dup2(to_browser, 5)
            os.dup2(from_browser, 6)
            os.dup2(5, 3)
            os.dup2(6, 4)

        words = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]
        if os.geteuid() == 0:
            words.append("--no-sandbox")
        process = subprocess.Popen(
            [executable, *words, f"--user-data-dir={profile}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=pipes,
        )
        os.close(to_browser)
        os.close(from_browser)
        # A browser that hangs is ended; reading from it then fails.
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.start()
        try:
            yield Page(commands, answers)
        finally:
            timer.cancel()
            process.terminate()
            process.wait()
            os.close(commands)
