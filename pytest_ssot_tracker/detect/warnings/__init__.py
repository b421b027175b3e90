"""Watch the warnings that the program gives. The door is `watch`."""
