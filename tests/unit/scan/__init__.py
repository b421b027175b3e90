"""Test the static scan."""
