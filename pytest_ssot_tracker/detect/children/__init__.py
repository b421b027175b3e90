"""Watch the processes that the program starts. The door is `watch`; `child` begins in each of them."""
