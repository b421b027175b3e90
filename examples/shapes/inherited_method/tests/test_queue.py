from shop import queue


def test_queue():
    assert (queue.direct(), queue.inherited(), queue.overridden(), queue.new()) == ("a", "a", "own a", "a")
