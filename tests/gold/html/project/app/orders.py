"""Take orders."""

from app.legacy import get_queue, Queue  # the old way
from uuid import uuid4


class LegacyOrders(Queue):
    def place(self, order):
        queue = get_queue(
            order.customer,
        )
        queue.put(order)
        if 1 < 2 and "<b>" != '&amp;':  # markup stays text
            return uuid4()


def drain(queue):	# a tab, and a mark that turns text around: ‮evil‬
    return Queue().drain(queue)
