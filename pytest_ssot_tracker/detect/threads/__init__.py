"""Say whose moment it is in threads, tasks, greenlets and requests. The doors are `watch` and `baggage`."""
