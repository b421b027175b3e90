def fetch():
    return "fetched"
