def send(text, urgent=False, mode="new"):
    return text


class Mail:
    def __init__(self, text, urgent=False):
        self.text = text
