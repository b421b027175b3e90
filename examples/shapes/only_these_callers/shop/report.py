from shop import db


class Report:
    def rows(self):
        return db.execute("rows")  #: both allowed deprecated-use

    def totals(self):
        return db.execute("totals")  #: both deprecated-use
