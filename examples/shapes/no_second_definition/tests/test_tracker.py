from shop.admin import Tracker as Second
from shop.reports import DailyTracker, Report


def test_tracker():
    assert not issubclass(DailyTracker, Second)
    assert Report().rows() == []
