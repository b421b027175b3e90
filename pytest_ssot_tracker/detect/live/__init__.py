"""Find live objects, and read them, without importing or calling anything of the program's."""
