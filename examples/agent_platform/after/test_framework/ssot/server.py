"""The platform's server in a process of its own, as it runs in production."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from shared.isolated_environment import environment

__all__ = ["server_process"]


@contextmanager
def server_process() -> Iterator[str]:
    """Start the server with the environment that holds now; give its address, and stop it at the end of the block."""
    command = [sys.executable, "-m", "netra_backend.app.services.websocket_server"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError(f"the server ended with status {process.wait()} before it gave its address")
            yield address
        finally:
            process.terminate()
