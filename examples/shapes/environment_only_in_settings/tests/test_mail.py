from shop import mail


def test_mail(monkeypatch):
    for name in ("MAIL_HOST", "MAIL_PORT", "MAIL_USER", "MAIL_SENDER"):
        monkeypatch.setenv(name, "x")
    assert [mail.host(), mail.port(), mail.user(), mail.sender()] == ["x"] * 4
