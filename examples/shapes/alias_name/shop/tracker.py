class Tracker:
    pass


OldTracker = Tracker
