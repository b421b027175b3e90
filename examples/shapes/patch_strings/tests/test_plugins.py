from unittest import mock

from shop.plugins import load


def test_load():
    assert load().__name__ == "shop.legacy"


def test_patched(monkeypatch):
    with mock.patch("shop.legacy.get_log", return_value=1):  #: both deprecated-import
        assert load().get_log() == 1  #: scan deprecated-use
    monkeypatch.setattr("shop.legacy.get_log", None)  #: both deprecated-import
