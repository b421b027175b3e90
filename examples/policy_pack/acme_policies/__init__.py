"""What every project of Acme replaces, and by what."""

from __future__ import annotations

from pytest_ssot_tracker.policies import Policy

__all__ = ["policy"]


def policy() -> Policy:
    """Return the tables that a project takes over with `policies = ["acme"]`; what it says itself stands above them."""
    return {
        "ssot": {
            "environment": {
                "canonical": "acme.settings:Settings",
                "deprecated": ["os:environ", "os:getenv"],
                "replace": {"os:getenv": "acme.settings:get"},
                "allow_in": ["acme.settings"],
                "owner": "platform",
                "reason": "settings are validated once, at start",
            },
        },
        "ids": {
            "any": {
                "generators": ["acme.ids:new_id"],
                "forbidden": ["uuid:uuid1", "uuid:uuid4"],
                "patterns": ["time-format"],
                "owner": "platform",
            },
        },
        "gate": [
            {"name": "no more than 20 ids of other makes", "measure": "sites", "rule": "out-of-band-id", "max": 20}
        ],
    }
