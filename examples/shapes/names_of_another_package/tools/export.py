from textwrap import dedent


def export(text):
    return dedent(text)
