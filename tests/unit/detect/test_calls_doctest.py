from __future__ import annotations

import doctest


def test_an_example_in_a_docstring_is_a_site_in_its_file(project):
    project.write(
        old="class Old:\n    def __init__(self):\n        pass\n",
        app='''
        from old import Old

        class Shop:
            def open(self):
                """Open.

                >>> from old import Old
                >>> for n in range(2):
                ...     one = Old()
                """
        ''',
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old"]})) as seen:
        assert doctest.testmod(app) == (0, 2)
        assert seen.sites() == ["deprecated-use old:Old app.py:10 Shop.open | one = Old() × 2"]


def test_an_example_in_a_text_is_a_site_in_its_file(project):
    project.write(old="def work():\n    return 1\n")
    (project.root / "guide.txt").write_text("Guide\n\n>>> import old\n>>> old.work()\n1\n")
    project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old"]})) as seen:
        assert doctest.testfile(str(project.root / "guide.txt"), module_relative=False) == (0, 2)
        (one,) = seen.observations()
        assert (one.site.where, one.site.text) == ("guide.txt:4", "old.work()")
