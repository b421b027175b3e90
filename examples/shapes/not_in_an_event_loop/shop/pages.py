import asyncio

from shop.client import fetch


def page():
    return fetch()


async def page_in_a_loop():
    return fetch()  #: run wrong-context


async def page_in_a_thread():
    return await asyncio.to_thread(fetch)
