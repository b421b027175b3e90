"""Hold the `sitecustomize` by which a child begins to watch: this folder is first on its `PYTHONPATH`."""
