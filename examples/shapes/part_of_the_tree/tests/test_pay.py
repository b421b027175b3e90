from shop.admin import pay as admin
from shop.services import pay as services


def test_pay():
    assert admin.pay().lines == services.pay().lines == []
