"""Begin to watch in a child interpreter, then run the `sitecustomize` that this one stands before.

Any Python that a test starts may read this file, whatever its version: it must understand it and must not fail.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [_path for _path in sys.path if os.path.abspath(_path or os.curdir) != _here]
_folder = os.environ.get("SSOT_TRACKER_SPOOL", "")
_starter = os.environ.get("SSOT_TRACKER_STARTER", "")

if _starter and os.path.isdir(_folder) and os.environ.get("SSOT_TRACKER", "").strip().lower() != "off":
    _why = ""
    try:
        import pytest_ssot_tracker.detect.children.child as _child

        if os.path.dirname(os.path.abspath(_child.__file__)) != os.path.dirname(_here):
            _why = "it has another pytest-ssot-tracker than the one that runs the tests"
        else:
            _child.begin(_folder, int(_starter))
    except ImportError:
        _why = "it is an interpreter without this pytest-ssot-tracker, or without what it needs"
    except Exception as _error:
        _why = "it could not begin to watch: %s: %s" % (type(_error).__name__, _error)  # noqa: UP031 - any Python
    if _why:
        try:
            import json

            _words = {"pid": os.getpid(), "starter": int(_starter), "why": _why}
            with open(os.path.join(_folder, "%d-0.jsonl" % os.getpid()), "a") as _stream:  # noqa: UP031 - any Python
                _stream.write(json.dumps(_words) + "\n")
        except Exception:  # a program that is not ours must run as it would without us
            pass

try:
    from importlib.machinery import PathFinder as _PathFinder
    from importlib.util import module_from_spec as _module_from_spec
except ImportError:  # Python 2
    pass
else:
    _spec = _PathFinder.find_spec("sitecustomize")
    if _spec is not None and _spec.loader is not None:
        sys.modules["sitecustomize"] = _module = _module_from_spec(_spec)
        _spec.loader.exec_module(_module)
