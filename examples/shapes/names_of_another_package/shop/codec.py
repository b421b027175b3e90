import json


def read(text):
    return json.loads(text)  # ssot: allow[deprecated-use] the one place that may #: both allowed deprecated-use
