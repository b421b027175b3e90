"""What code declares deprecated is found with what it says to use instead."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("decorator", "new"),
    [
        ("from warnings import deprecated\n@deprecated('Use total instead.')", "shop.api:total"),
        ("from warnings import deprecated as old\n@old('Use total instead.')", "shop.api:total"),
        ("import warnings\n@warnings.deprecated('use total()')", "shop.api:total"),
        ("from typing_extensions import deprecated\n@deprecated('gone soon')", ""),
        ("import typing_extensions as te\n@te.deprecated('in favor of total')", "shop.api:total"),
        ("from deprecated import deprecated\n@deprecated", ""),
        ("from deprecated import deprecated\n@deprecated()", ""),
        ("from deprecated import deprecated\n@deprecated(reason='use total', version='1.2')", "shop.api:total"),
        ("from deprecated.sphinx import deprecated\n@deprecated('1.2', 'Replaced by total.')", "shop.api:total"),
        ("from deprecate import deprecated\n@deprecated(target=total, remove_in='3.0')", "shop.api:total"),
        ("import deprecation\n@deprecation.deprecated(deprecated_in='1', details='Use total')", "shop.api:total"),
        ("from shop.marks import deprecated\n@deprecated(use_instead='shop.api.total')", "shop.api:total"),
        ("from shop.marks import deprecated\n@deprecated('shop.api.total')", "shop.api:total"),
        ("from shop import _api\n@_api.deprecated('3.8', alternative='total')", "shop.api:total"),
    ],
)
def test_a_decorator_that_marks_a_function(project, decorator: str, new: str) -> None:
    text = f"def total():\n    return 1\n\n{decorator}\ndef old_total():\n    return total()\n"
    assert project.declares(text) == {"old_total": new}


@pytest.mark.parametrize(
    "branch",
    [
        "if other:",
        "if other:\n    pass\nelse:",
        "try:\n    from fast import old_total\nexcept ImportError:",
        "try:\n    pass\nfinally:",
        "with suppress(ImportError):",
        "for name in names:",
        "match sys.platform:\n  case _:",
    ],
)
def test_a_function_is_found_in_whatever_branch_of_the_module_it_is_defined(project, branch: str) -> None:
    text = "from warnings import deprecated\nRENAMED = {}\n"
    text += f"{branch}\n    @deprecated('Use total.')\n    def old_total(): ...\ndef total(): ...\n"
    assert project.declares(text) == {"old_total": "shop.api:total"}


def test_the_names_a_module_answers_for_are_found_in_a_table_that_a_branch_makes(project) -> None:
    text = """
        import warnings
        if True:
            RENAMED = {"old_total": "total"}

        def total(): ...

        def __getattr__(name):
            if name in RENAMED:
                warnings.warn(f"{name} is deprecated", DeprecationWarning)
                return globals()[RENAMED[name]]
            raise AttributeError(name)
        """
    assert project.declares(text) == {"old_total": "shop.api:total"}


@pytest.mark.parametrize(
    "decorator",
    [
        "@deprecated_params({'legacy': '1.2'})",
        "@deprecated_argument('gone')",
        "@overload\n@deprecated('use int')",
        "@cached",
    ],
)
def test_a_decorator_that_marks_a_part_of_a_function_only(project, decorator: str) -> None:
    text = (
        f"from shop.marks import *\nfrom typing import overload\n{decorator}\ndef total(legacy=None):\n    return 1\n"
    )
    project.write("shop/marks.py", "# deprecated\n")
    assert project.declares(text) == {}


def test_classes_methods_and_properties_are_spelled_as_they_are_used(project) -> None:
    text = """
        from typing_extensions import deprecated

        @deprecated("use NewLog instead")
        class Log: ...

        class NewLog:
            class Entry:
                @deprecated("use NewLog.write")
                def put(self): ...

            @property
            @deprecated("use size")
            def length(self): ...

            @classmethod
            @deprecated("use NewLog()")
            def create(cls): ...

            def write(self): ...
            size = 1

            def run(self):
                @deprecated("nobody can name it")
                def inside(): ...
    """
    assert project.declares(text) == {
        "Log": "shop.api:NewLog",
        "NewLog.Entry.put": "shop.api:NewLog.write",
        "NewLog.length": "shop.api:NewLog.size",
        "NewLog.create": "shop.api:NewLog",
    }


@pytest.mark.parametrize(
    "body",
    [
        "warnings.warn('old_total() is deprecated, use total', DeprecationWarning, stacklevel=2)\n    return 1",
        "warnings.warn('use total', category=DeprecationWarning)\n    return 1",
        "warnings.warn(DeprecationWarning('use total'))\n    return 1",
        "warnings.warn('use total', PendingDeprecationWarning)\n    return 1",
        "warnings.warn('use total', ShopDeprecationWarning)\n    return 1",
        "warnings.warn('use total', OldThing)\n    return 1",
        "warnings.warn('old_total is deprecated: use total')\n    return 1",
        "warnings.warn('old_total is deprecated: use total', FutureWarning)\n    return 1",
        "'''What it was.'''\n    import os\n    message = 'use total'\n    warnings.warn(message, DeprecationWarning)\n    return 1",
        "name = 'total'\n    warnings.warn(f'use {name}', DeprecationWarning)\n    return 1",
        "warnings.warn('use %s' % 'total', DeprecationWarning)\n    return 1",
        "warnings.warn('use {}'.format('total'), DeprecationWarning)\n    return 1",
        "warnings.warn('old_total is gone. ' + 'Use total', DeprecationWarning)\n    return 1",
        "warnings.warn(MESSAGE, DeprecationWarning)\n    return 1",
        "with warnings.catch_warnings():\n        warnings.simplefilter('always')\n"
        "        warnings.warn('old_total is deprecated, use total', DeprecationWarning)\n    return 1",
        "log.debug('called')\n    warnings.warn('old_total is deprecated, use total', DeprecationWarning)\n    return 1",
        "if not x:\n        raise ValueError(x)\n    warnings.warn('old_total is deprecated, use total', DeprecationWarning)",
        "warn_deprecated('old_total is deprecated, use total')\n    return 1",
        "moved('old_total', 'total')\n    return 1",
        "moved(new='total', old='old_total')",
    ],
)
def test_a_function_that_begins_with_a_warning(project, body: str) -> None:
    project.write(
        "shop/errors.py", "class OldThing(DeprecationWarning): ...\nclass ShopDeprecationWarning(Warning): ...\n"
    )
    project.write(
        "shop/helping.py",
        "import warnings\ndef moved(old, new):\n    warnings.warn(f'{old}() goes, use {new}()', DeprecationWarning, 3)\n",
    )
    text = (
        "import warnings\nfrom shop.errors import *\nfrom shop.errors import OldThing\nfrom shop.helping import moved\n"
        f"from lib import warn_deprecated\nMESSAGE = 'use total'\n\ndef total(): ...\n\ndef old_total(x=None):\n    {body}\n"
    )
    assert project.declares(text) == {"old_total": "shop.api:total"}


@pytest.mark.parametrize(
    "body",
    [
        "warnings.warn('careful')",
        "warnings.warn('slow', RuntimeWarning)",
        "if x:\n        warnings.warn('the format is deprecated', DeprecationWarning)",
        "return 1\n    warnings.warn('never', DeprecationWarning)",
        "warnings.warn('Passing x is deprecated', DeprecationWarning)\n    return 1",
        "warnings.warn('The x argument is deprecated', DeprecationWarning)\n    return 1",
        "warnings.warn('shop/old.cfg is deprecated', DeprecationWarning)",
        "warnings.warn(f'{x} is deprecated', DeprecationWarning, stacklevel=3)",
        "check_deprecated(x)\n    return 1",
        "compute()\n    warnings.warn('the format is deprecated', DeprecationWarning)\n    return 1",
    ],
)
def test_a_function_that_warns_of_something_else(project, body: str) -> None:
    assert project.declares(f"import warnings\n\ndef total(x=None):\n    {body}\n") == {}


def test_a_warning_class_and_a_helper_are_found_wherever_they_stand(project) -> None:
    project.write(
        "shop/a.py",
        "from shop.z import Gone, tell\nimport warnings\n\ndef fresh(): ...\n\ndef old():\n    tell('old')\n    return 1\n\ndef older():\n    warnings.warn('older: use fresh', Gone)\n    return 1\n",
    )
    project.write(
        "shop/z.py",
        "import warnings\n\nclass Base(DeprecationWarning): ...\nclass Gone(Base): ...\n\ndef tell(name):\n    warnings.warn(f'{name}() is no more, use fresh()', Gone, stacklevel=3)\n",
    )
    assert project.harvested() == {"shop.a:old": "shop.a:fresh", "shop.a:older": "shop.a:fresh"}


def test_a_constructor_or_class_body_that_warns_speaks_of_the_class(project) -> None:
    text = """
        import warnings

        class Log: ...

        class Old:
            def __init__(self):
                warnings.warn("use Log", DeprecationWarning)

        class Older:
            def __new__(cls):
                warnings.warn("Older is deprecated", DeprecationWarning)
                return object.__new__(cls)

        class Ancient:
            def __init__(self):
                if type(self) is Ancient:
                    warnings.warn("Ancient is deprecated, use Log", DeprecationWarning)

        class Command:
            def __init__(self):
                if is_overridden(self.__class__, Command, "help"):
                    warnings.warn("Command.help() is deprecated", DeprecationWarning)

        class Base:
            def __init_subclass__(cls):
                warnings.warn("do not derive from Base", DeprecationWarning)

        class Oldest:
            warnings.warn("use Log", DeprecationWarning)
    """
    assert project.declares(text) == {
        "Old": "shop.api:Log",
        "Older": "",
        "Ancient": "shop.api:Log",
        "Oldest": "shop.api:Log",
    }


def test_a_module_that_warns_when_it_is_imported(project) -> None:
    project.write("shop/new.py", "")
    project.write(
        "shop/old.py",
        "import warnings\nwarnings.warn('shop.old is deprecated, use shop.new', DeprecationWarning)\ndef f(): ...\n",
    )
    project.write("shop/python.py", "import warnings\nwarnings.warn('Python 3.9 is deprecated', DeprecationWarning)\n")
    project.write("shop/part.py", "import warnings\nwarnings.warn('shop.part.Log is deprecated', DeprecationWarning)\n")
    project.write("shop/told.py", '"""What was told.\n\n.. deprecated:: 1.2\n   Use :mod:`shop.new`.\n"""\n')
    project.write("shop/half.py", '"""Half.\n\nFormats\n-------\n.. deprecated:: 1.2\n   The old format.\n"""\n')
    assert project.harvested() == {"shop.old": "shop.new", "shop.told": "shop.new"}


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        ("Add.\n\n    .. deprecated:: 1.2\n       Use total instead.\n    ", {"old": "shop.api:total"}),
        ("Add.\n\n    .. deprecated:: 1.2 Use :func:`total` instead.\n    ", {"old": "shop.api:total"}),
        (".. deprecated:: 1.2", {"old": ""}),
        ("Add.\n\n    Args:\n        x: what\n\n            .. deprecated:: 1.2\n    ", {"old(x)": ""}),
        (
            "Add.\n\n    Args:\n        x (int): what\n            .. deprecated:: 1.2\n                No more.\n    ",
            {"old(x)": ""},
        ),
        (
            "Add.\n\n    Parameters\n    ----------\n    x : int\n        What.\n\n        .. deprecated:: 1.2\n    ",
            {"old(x)": ""},
        ),
        (
            "Add.\n\n    Args:\n        x: what\n            .. deprecated:: 1.2\n                If x is a list, y must be one.\n    ",
            {},
        ),
        ("Add.\n\n    .. deprecated:: 1.2\n       Creating an old without an x is deprecated.\n    ", {}),
        ("Add.\n\n    Returns\n    -------\n    y : int\n        What.\n\n        .. deprecated:: 1.2\n    ", {}),
        ("Add.\n\n    Notes\n    -----\n    .. deprecated:: 1.2\n        Use total.\n    ", {"old": "shop.api:total"}),
        ("Add; it is not deprecated.", {}),
        ("Add.\n\n    .. deprecated:: 1.2 *x* is no longer needed.\n    ", {"old(x)": ""}),
        ("Add.\n\n    .. deprecated:: 1.2\n       Keyword arguments will be told apart by case.\n    ", {}),
        ("Add.\n\n    .. deprecated:: 1.2\n       Calling this function with a second schema is deprecated.\n    ", {}),
    ],
)
def test_a_directive_in_a_docstring(project, docstring: str, found: dict[str, str]) -> None:
    assert project.declares(f'def total(): ...\n\ndef old(x):\n    """{docstring}"""\n') == found


@pytest.mark.parametrize(
    "text",
    [
        "def __getattr__(name):\n    if name == 'OLD':\n        warnings.warn('use NEW', DeprecationWarning)\n        return NEW\n    raise AttributeError(name)",
        "def __getattr__(name):\n    if name != 'OLD':\n        raise AttributeError(name)\n    warnings.warn('use NEW', DeprecationWarning)\n    return NEW",
        "_OLD = {'OLD': 'NEW'}\ndef __getattr__(name):\n    if name in _OLD:\n        warnings.warn(f'{name} is deprecated', DeprecationWarning)\n        return globals()[_OLD[name]]\n    raise AttributeError(name)",
        "_OLD = {'OLD': NEW}\ndef __getattr__(name):\n    if name not in _OLD:\n        raise AttributeError(name)\n    warnings.warn('deprecated', DeprecationWarning)\n    return _OLD[name]",
        "_OLD = {'OLD': 'NEW'}\ndef __getattr__(name):\n    new = _OLD.get(name)\n    if new is None:\n        raise AttributeError(name)\n    warnings.warn(f'use {new}', DeprecationWarning)\n    return globals()[new]",
        "_OLD = {'OLD': ('NEW', '2.0')}\ndef __getattr__(name):\n    try:\n        new, version = _OLD[name]\n    except KeyError:\n        raise AttributeError(name) from None\n    warnings.warn(f'{name} goes in {version}, use {new}', DeprecationWarning)\n    return globals()[new]",
        "_OLD = {'OLD': ('use NEW', lambda: 1)}\ndef __getattr__(name):\n    if name in _OLD:\n        message, make = _OLD[name]\n        warnings.warn(message, DeprecationWarning)\n        return make()\n    raise AttributeError(name)",
        "def __getattr__(name):\n    if name in ('OLD',):\n        warnings.warn('use NEW', DeprecationWarning)\n        return NEW\n    raise AttributeError(name)",
        "def __getattr__(name):\n    match name:\n        case 'OLD':\n            warnings.warn('use NEW', DeprecationWarning)\n            return NEW\n    raise AttributeError(name)",
        "def __getattr__(name):\n    moved = {'OLD': 'NEW'}\n    if name in moved:\n        warnings.warn(f'use {moved[name]}', DeprecationWarning)\n        return globals()[moved[name]]\n    raise AttributeError(name)",
        "__getattr__ = deprecated_getattr(__name__, {'OLD': 'shop.api.NEW'})",
        "def __getattr__(name):\n    return deprecated_getattr(__name__, name, {'OLD': 'NEW'})",
        "_OLD = (('OLD', 'NEW'),)\ndef __getattr__(name):\n    for old, new in _OLD:\n        if name == old:\n            warnings.warn(f'use {new}', DeprecationWarning)\n            return globals()[new]\n    raise AttributeError(name)",
        "_OLD = {'OLD': 'NEW'}\ndef __getattr__(name):\n    for old, new in _OLD.items():\n        if old == name:\n            warnings.warn(f'use {new}', DeprecationWarning)\n            return globals()[new]\n    raise AttributeError(name)",
        "_OLD = {'OLD': 'NEW'}\ndef __getattr__(name):\n    if (new := _OLD.get(name)) is not None:\n        warnings.warn(f'use {new}', DeprecationWarning)\n        return globals()[new]\n    raise AttributeError(name)",
    ],
)
def test_an_old_name_that_a_module_still_answers_for(project, text: str) -> None:
    assert project.declares(f"import warnings\nfrom lib import deprecated_getattr\nNEW = 3\n{text}\n") == {
        "OLD": "shop.api:NEW"
    }


def test_only_the_names_for_which_a_module_warns_are_deprecated(project) -> None:
    text = """
        import warnings
        _LAZY = {"Log": "shop.log"}

        def __getattr__(name):
            if name in _LAZY:
                return load(_LAZY[name])
            if name == "version":
                return "1"
            if name == "VERSION":
                warnings.warn("use version", DeprecationWarning)
                return "1"
            raise AttributeError(name)
    """
    assert project.declares(text) == {"VERSION": ""}


def test_an_old_name_that_is_made_by_what_is_called_so(project) -> None:
    text = """
        from lib import create_deprecated_class, deprecated_alias, load_deprecated
        from typing_extensions import deprecated

        class New: ...
        def new(): ...

        Old = create_deprecated_class("Old", New)
        old = deprecated("use new")(new)
        older = deprecated_alias("older", replacement=new)
        settings = load_deprecated(New)
        deprecated_names = load_deprecated("deprecated_names", New)
    """
    assert project.declares(text) == {"Old": "shop.api:New", "old": "shop.api:new", "older": "shop.api:new"}


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (
            "def f(legacy=None, fresh=None):\n    if legacy is not None:\n        {warn}",
            {"f(legacy)": "shop.api:f(fresh)"},
        ),
        (
            "def f(legacy=_unset, *, fresh=1):\n    if legacy is not _unset:\n        {warn}",
            {"f(legacy)": "shop.api:f(fresh)"},
        ),
        ("def f(*, legacy=0):\n    x = 1\n    if legacy:\n        {warn}", {"f(legacy)": ""}),
        ("def f(*, fresh=0, **rest):\n    if 'legacy' in rest:\n        {warn}", {"f(legacy)": "shop.api:f(fresh)"}),
        ("def f(legacy='a'):\n    if legacy == 'b':\n        {warn}", {'f(legacy="b")': ""}),
        (
            "def f(legacy=1):\n    if legacy == 1:\n        pass\n    elif legacy == 2:\n        {warn}",
            {"f(legacy=2)": ""},
        ),
        ("def f(legacy):\n    if legacy:\n        {warn}", {}),
        ("def f(legacy=1, x=2):\n    if x is not None:\n        {warn}", {}),
        ("def f(legacy=1, x=2):\n    if legacy and x:\n        {warn}", {}),
        ("def f(legacy=None):\n    if legacy is None:\n        {warn}", {}),
        (
            "@deprecated(target=True, args_mapping={{'legacy': 'fresh'}})\ndef f(legacy=1, fresh=1): ...",
            {"f(legacy)": "shop.api:f(fresh)"},
        ),
        ("@deprecate_kwarg('legacy', 'fresh')\ndef f(fresh=1, **rest): ...", {"f(legacy)": "shop.api:f(fresh)"}),
        ("@deprecated_argument('legacy')\ndef f(legacy=1): ...", {"f(legacy)": ""}),
        ("class A:\n  def __init__(self, legacy=None):\n    if legacy is not None:\n        {warn}", {"A(legacy)": ""}),
        ("class A:\n  def f(self, legacy=None):\n    if legacy is not None:\n        {warn}", {"A.f(legacy)": ""}),
        ("@deprecated('gone')\ndef f(legacy=None):\n    if legacy:\n        {warn}", {"f": ""}),
    ],
)
def test_a_parameter_for_which_a_function_warns(project, function: str, found: dict[str, str]) -> None:
    warn = "warnings.warn('legacy is deprecated, use fresh instead', DeprecationWarning)"
    head = "import warnings\nfrom shop.marks import *\nfrom warnings import deprecated\n_unset = object()\n"
    assert project.declares(head + function.format(warn=warn) + "\n") == found


def test_a_setter_that_warns_speaks_of_writing_alone(project) -> None:
    text = """
        import warnings

        class Log:
            @property
            def level(self):
                return 1

            @level.setter
            def level(self, value):
                warnings.warn("setting level is deprecated", DeprecationWarning)
                self._level = value

            @property
            def name(self):
                warnings.warn("name is deprecated", DeprecationWarning)
                return 1

            @name.setter
            def name(self, value):
                warnings.warn("name is deprecated", DeprecationWarning)
                self._name = value
    """
    assert project.declares(text) == {"Log.level=": "", "Log.name": ""}


def test_a_directive_in_a_constructor_or_its_list_of_parameters_speaks_of_the_class(project) -> None:
    text = '''
        class Log:
            """A log.

            Parameters
            ----------
            legacy : int
                .. deprecated:: 1.2
                   Use fresh.
            """

            def __init__(self, legacy=1, fresh=2): ...

        class Old:
            def __init__(self):
                """Make it.

                .. deprecated:: 1.2
                """
    '''
    assert project.declares(text) == {"Log(legacy)": "shop.api:Log(fresh)", "Old": ""}
