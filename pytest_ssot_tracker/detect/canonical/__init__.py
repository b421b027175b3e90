"""Look at the canonical itself: how it is made, what it offers, and what a test left in it.

The doors are `making` and `offering`.
"""
