"""A server with the protocol of S3 that fails a share of its requests.

usage: python s3_server.py FAILURE_RATE

It prints its port and serves until it is killed. Half of the failing requests are carried out
nevertheless, and only the response is lost.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Iterable
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class FlakyApplication:
    """A WSGI application that passes requests to moto and loses some requests and responses."""

    def __init__(self, failure_rate: float) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._failure_rate = failure_rate
        self._random = random.Random(1)

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        """Handle a request."""
        if self._random.random() >= self._failure_rate:
            response: Iterable[bytes] = self._moto(environ, start)
            return response
        if self._random.random() < 0.5:
            list(self._moto(environ, lambda *_: None))
        start("503 Slow Down", [("Content-Type", "text/plain")])
        return [b"this request fails"]


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, FlakyApplication(float(sys.argv[1])), threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
