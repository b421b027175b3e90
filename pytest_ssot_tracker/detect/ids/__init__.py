"""Watch where identifiers come from and who takes them. The door is `watch`."""
