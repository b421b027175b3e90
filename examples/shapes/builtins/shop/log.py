def say(text):
    print(text)  #: scan allowed deprecated-use; run from 3.12 allowed deprecated-use
