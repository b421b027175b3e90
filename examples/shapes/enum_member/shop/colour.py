from enum import Enum


class Colour(Enum):
    RED = "red"
    CRIMSON = "crimson"
