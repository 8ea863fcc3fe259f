"""A server that speaks the protocol of S3, of which some requests fail.

usage: python s3_server.py RATE

Prints its port, and serves until it is ended. Of the requests that fail, half were carried out
all the same: only the answer is lost.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Iterable
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class Flaky:
    """An application in front of the real one that loses requests and answers."""

    def __init__(self, rate: float) -> None:
        self._real = DomainDispatcherApplication(create_backend_app)
        self._rate = rate
        self._random = random.Random(1)

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        """Answer a request."""
        if self._random.random() >= self._rate:
            answer: Iterable[bytes] = self._real(environ, start)
            return answer
        if self._random.random() < 0.5:
            list(self._real(environ, lambda *_: None))
        start("503 Slow Down", [("Content-Type", "text/plain")])
        return [b"this request fails"]


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, Flaky(float(sys.argv[1])), threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
