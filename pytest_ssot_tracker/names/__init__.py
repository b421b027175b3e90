"""Find out what a dotted name is, without importing anything: which module, which name in it, or what is near it."""
