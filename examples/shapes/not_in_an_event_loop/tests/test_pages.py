import asyncio

from shop import pages


def test_pages():
    assert pages.page() == "fetched"
    assert asyncio.run(pages.page_in_a_loop()) == asyncio.run(pages.page_in_a_thread()) == "fetched"
