"""Say whose moment it is in threads, tasks, greenlets and requests. The door is `watch`."""
