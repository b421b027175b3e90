"""Watch what a configuration names being called, constructed, derived from or read. The door is `watch`."""
