class Handler:
    def handle(self, message):
        return message

    def process(self, message):
        return self.handle(message)


class MailHandler(Handler):
    pass


class OwnHandler(Handler):
    def process(self, message):
        return f"own {message}"
