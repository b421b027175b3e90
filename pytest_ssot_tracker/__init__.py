"""Tell a team, at test time and for certain, who still uses what a single source of truth replaces."""
