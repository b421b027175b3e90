"""What the environment decides: how much is logged, how long an agent may take, and where clients connect."""

from __future__ import annotations

from dataclasses import dataclass

from shared.isolated_environment import get_env

__all__ = ["Configuration", "ConfigurationError", "configuration"]


class ConfigurationError(ValueError):
    """A variable whose value cannot be used."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(name, value, wanted)
        self.name = name
        self.value = value
        self.wanted = wanted

    def __str__(self) -> str:
        return f"{self.name}={self.value} is not {self.wanted}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What holds now; `agent_timeout` is in seconds, and port 0 in `server_url` takes a free one."""

    environment: str
    log_level: str
    agent_timeout: float
    server_url: str


def configuration() -> Configuration:
    """Return what the environment says at this moment; raise `ConfigurationError`."""
    level = get_env("LOG_LEVEL", "INFO")
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError("LOG_LEVEL", level, "one of DEBUG, INFO, WARNING, ERROR")
    seconds = get_env("AGENT_TIMEOUT_SECONDS", "60")
    try:
        timeout = float(seconds)
    except ValueError:
        raise ConfigurationError("AGENT_TIMEOUT_SECONDS", seconds, "a number of seconds") from None
    return Configuration(
        environment=get_env("ENVIRONMENT", "development"),
        log_level=level,
        agent_timeout=timeout,
        server_url=get_env("WEBSOCKET_URL", "ws://127.0.0.1:0"),
    )
