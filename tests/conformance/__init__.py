"""Hold the plugin to its contract from outside: small projects, real runs, the result file compared exactly."""
