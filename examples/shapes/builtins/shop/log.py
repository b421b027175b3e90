def say(text):
    print(text)  #: both allowed deprecated-use
