LIMITS = {"items": 10}
MAX_ITEMS = 10
