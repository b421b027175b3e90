class Hub:
    """The one queue."""

    def put(self, order): ...
