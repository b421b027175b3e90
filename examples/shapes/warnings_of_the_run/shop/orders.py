import mailer


def confirm():
    return mailer.deliver("confirmed")  #: run deprecation-warning


def remind():
    return mailer.post("reminded")
