def execute(statement):
    return [statement]
