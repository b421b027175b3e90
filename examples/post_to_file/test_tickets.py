from tickets import report_problem


def test_a_problem_becomes_a_ticket() -> None:
    assert report_problem("it is slow") == "it is slow"
