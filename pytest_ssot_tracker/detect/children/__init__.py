"""Watch the processes that the program starts. The doors are `watch`, `commands` and `ends`; `child` begins in each."""
