"""What the fixture hands out: every kind of state under every `reset`, and the table of it in the documentation."""
