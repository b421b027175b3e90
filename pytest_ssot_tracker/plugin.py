"""Wire the rooms into pytest: options, hooks and fixtures; decide nothing."""
