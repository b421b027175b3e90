from shop.tracker import Tracker


class Report:
    def rows(self):
        return []


class DailyTracker(Tracker):
    pass
