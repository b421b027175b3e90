"""Watch who handles a key, and through which states it goes. The door is `watch`."""
