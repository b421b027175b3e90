from shop.tracker import Tracker

__all__ = ["Tracker"]
