from mailer import open_ticket


def report_problem(title: str) -> str:
    return open_ticket(title).title
