"""Watch what is called outside of the context that it needs. The door is `watch`."""
