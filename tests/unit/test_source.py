"""A place in a file is one statement, whoever asks: its scope, its text, its ordinal, its allows."""

from __future__ import annotations

import ast
import textwrap

import pytest

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.source import Allow, SourceFile, decode, fold


def source(text: str) -> SourceFile:
    return SourceFile("app/a.py", textwrap.dedent(text).lstrip("\n"))


def listing(file: SourceFile) -> list[tuple[int, str, str]]:
    return [(one.line, one.scope, file.text_of(one)) for one in file.statements]


def test_each_statement_has_its_line_scope_and_text() -> None:
    file = source(
        """
        import old
        class A(old.Base):
            x = old.f()
            async def g(self):
                with old.h() as y:
                    return y
        """
    )
    assert listing(file) == [
        (1, "<module>", "import old"),
        (2, "<module>", "class A(old.Base):"),
        (3, "A", "x = old.f()"),
        (4, "A", "async def g(self):"),
        (5, "A.g", "with old.h() as y:"),
        (6, "A.g", "return y"),
    ]


def test_a_function_in_a_function_is_scoped_without_locals() -> None:
    file = source(
        """
        def f():
            class C:
                def m(self):
                    g = lambda: old()
                    return [old() for _ in x]
        """
    )
    assert [one.scope for one in file.statements] == ["<module>", "f", "f.C", "f.C.m", "f.C.m"]


def test_the_scope_is_the_one_python_itself_names() -> None:
    file = source(
        """
        def f():
            class C:
                def m(self):
                    pass
                return_here = m
            return C
        """
    )
    names: dict[str, object] = {}
    exec(compile(file.tree, "a.py", "exec"), names)
    method = names["f"]().return_here  # type: ignore[operator]
    assert file.statements[3].scope == method.__qualname__.replace(".<locals>", "") == "f.C.m"


def test_every_head_of_a_compound_statement_stands_for_itself() -> None:
    file = source(
        """
        try:
            a()
        except (old.E,
                F) as e:  # why
            b()
        except G:
            c()
        else:
            d()
        finally:
            e()
        """
    )
    assert listing(file) == [
        (1, "<module>", "try:"),
        (2, "<module>", "a()"),
        (3, "<module>", "except (old.E, F) as e:"),
        (5, "<module>", "b()"),
        (6, "<module>", "except G:"),
        (7, "<module>", "c()"),
        (9, "<module>", "d()"),
        (11, "<module>", "e()"),
    ]


def test_a_match_and_its_cases_stand_each_for_themselves() -> None:
    file = source(
        """
        match old.f(
            x
        ):
            case old.A(y) if y > 1:
                a()
            case (
                old.B()
            ): b()
        """
    )
    assert listing(file) == [
        (1, "<module>", "match old.f( x )"),
        (4, "<module>", "case old.A(y) if y > 1:"),
        (5, "<module>", "a()"),
        (6, "<module>", "case ( old.B() ):"),
        (8, "<module>", "b()"),
    ]


def test_a_loop_with_an_else_and_an_elif_keep_their_order() -> None:
    file = source(
        """
        for x in old():
            a()
        else:
            b()
        if p():
            c()
        elif q():
            d()
        """
    )
    assert [text for _, _, text in listing(file)] == [
        "for x in old():",
        "a()",
        "b()",
        "if p():",
        "c()",
        "elif q():",
        "d()",
    ]


def test_a_decorator_is_a_statement_of_its_own_in_the_scope_around() -> None:
    file = source(
        """
        class A:
            @ old.cached
            @old.wraps(
                1,
            )
            def f(self, x=old.DEFAULT):
                pass
        """
    )
    assert listing(file)[1:] == [
        (2, "A", "@ old.cached"),
        (3, "A", "@old.wraps( 1, )"),
        (6, "A", "def f(self, x=old.DEFAULT):"),
        (7, "A.f", "pass"),
    ]
    assert [one.head_line for one in file.statements] == [1, 2, 2, 2, 7]


def test_a_head_ends_before_its_body_whatever_comments_stand_between() -> None:
    file = source(
        """
        def f(a,
              b):
            # a comment

            x()
        if a: y()
        if (a and
            b): z()
        """
    )
    assert [(one.line, one.end_line) for one in file.statements] == [(1, 4), (5, 5), (6, 6), (6, 6), (7, 8), (8, 8)]
    assert [file.text_of(one) for one in file.statements][-4:] == ["if a:", "y()", "if (a and b):", "z()"]


def test_two_statements_on_one_line_are_told_apart_by_their_column() -> None:
    file = source("é = 1; old(); new()\n")
    texts = [file.text_of(one) for one in file.statements]
    assert texts == ["é = 1", "old()", "new()"]
    column = len("é = 1; ".encode())
    assert file.statement_at(1, column) is file.statements[1]
    assert file.statement_at(1, column + 7) is file.statements[2]
    assert file.statement_at(1) is file.statements[0]


def test_a_line_inside_a_statement_belongs_to_it_and_a_gap_to_none() -> None:
    file = source(
        """
        x = f(
            old(),
            1,
        )

        y = 1
        """
    )
    for line, column in ((1, None), (2, None), (2, 4), (4, None), (4, 0)):
        assert file.statement_at(line, column) is file.statements[0]
    assert file.statement_at(5) is None
    assert file.statement_at(99) is None
    assert file.statement_at(6) is file.statements[1]


def test_the_innermost_statement_wins() -> None:
    file = source(
        """
        class A:
            def f(self):
                return g(
                    1)
        """
    )
    found = file.statement_at(4)
    assert found is not None
    assert file.text_of(found) == "return g( 1)"
    assert repr(file.statement_of(found.node, "A.f")) == repr(found)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("x = f(\n    a,  # why\n    b,\n)", "x = f( a, b, )"),
        ("x = 'a  #  b'", "x = 'a  #  b'"),
        ("x = 1 + \\\n    2", "x = 1 + 2"),
        ("x = 1 + \\\r    2", "x = 1 + 2"),
        ('x = """a\n   b"""', 'x = """a\\nb"""'),
        ('x = """a\r\n   b"""', 'x = """a\\nb"""'),
        ("x = '''it's # no comment'''", "x = '''it's # no comment'''"),
        ("\x0cx = 1", "x = 1"),
        (r"x = 'it\'s' # that", r"x = 'it\'s'"),
    ],
)
def test_a_statement_is_folded_to_one_line(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_long_chain_of_elif_is_walked_through() -> None:
    chain = "".join(f"elif a == {number}: f()\n" for number in range(900))
    file = SourceFile("a.py", f"if a: f()\n{chain}")
    statement = file.statement_at(900, 15)
    assert statement is not None
    assert (file.text_of(statement), file.ordinal_of(statement)) == ("f()", 899)


def test_equal_statements_of_one_scope_carry_an_ordinal() -> None:
    file = source(
        """
        old()
        def f():
            old()
            old( )  # the same
            new()
            old(
            )
        old()
        """
    )
    olds = [one for one in file.statements if file.text_of(one).startswith("old")]
    assert [(one.scope, file.ordinal_of(one)) for one in olds] == [
        ("<module>", 0),
        ("f", 0),
        ("f", 1),
        ("f", 2),
        ("<module>", 1),
    ]


@pytest.mark.parametrize(
    ("text", "asked", "ordinals"),
    [
        ("x = 1; old()\nold(); x = 1\nx = 1\n", "x = 1", [0, 1, 2]),
        ("x = 1; old()\nold(); x = 1\nx = 1\n", "old", [0, 1]),
        ("x = 'ab\\\ncd'\nx = 'ab\\\ncd'\n", "x", [0, 1]),
        ('"""a\nbcd"""\ny = 1\n"""a\n  bcd"""\n', '"', [0, 1]),
        ("(1)\n(1)\n", "(", [0, 1]),
        ("@old\ndef f(): pass\n@old\ndef f(): pass\n", "old", [0, 1]),
        ("if a: pass\nif a: pass\n", "if", [0, 1]),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_ordinal_is_the_same_whichever_is_asked_for_first(
    text: str, asked: str, ordinals: list[int], backwards: bool
) -> None:
    file = source(text)
    found = [one for one in file.statements if file.text_of(one).startswith((asked, f"@{asked}"))]
    for one in file.statements[:: -1 if backwards else 1]:
        file.ordinal_of(one)
    assert [file.ordinal_of(one) for one in found] == ordinals


def test_fixing_one_of_two_equal_statements_is_seen() -> None:
    def ids(text: str) -> set[str]:
        file = source(text)
        return {
            file.site(Rule.DEPRECATED_USE, ssot="s", target="m:old", statement=one, line=one.line).id
            for one in file.statements
            if "old" in file.text_of(one)
        }

    two, one = ids("old()\nold()\n"), ids("new()\nold()\n")
    assert len(two) == 2
    assert one < two


def test_a_site_keeps_its_identity_when_lines_are_added_above_and_a_formatter_has_run() -> None:
    def site(text: str) -> str:
        file = source(text)
        statement = file.statements[-1]
        return file.site(Rule.DEPRECATED_USE, ssot="s", target="m:old", statement=statement, line=statement.line).id

    assert site("x = old('a', 1)\n") == site('"""Doc."""\n\nx = old(\n    "a",\n    1,\n)  # moved\n')


def test_a_site_shows_what_people_need() -> None:
    file = source("def f():\n    return old(\n        1)\n")
    site = file.site(
        Rule.DEPRECATED_USE, ssot="s", target="m:old", declared="m", statement=file.statement_at(3), line=3
    )
    assert (site.where, site.scope, site.text, site.declared) == ("app/a.py:3", "f", "return old( 1)", "m")


def test_a_line_without_a_statement_still_makes_a_site() -> None:
    file = source("if a:\n    b()\nelse:  # here\n    c()\n")
    site = file.site(Rule.DEPRECATED_USE, ssot="s", target="m:old", statement=None, line=3)
    assert (site.line, site.scope, site.text) == (3, "<module>", "else:")
    beyond = file.site(Rule.DEPRECATED_USE, ssot="s", target="m:old", statement=None, line=99)
    assert beyond.text == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_give_the_same_lines_and_identities(end: str) -> None:
    text = 'x = """a\nb"""\nclass A:\n    # ssot: allow[deprecated-use] why\n    y = old(\n        1)\n'
    plain, other = SourceFile("a.py", text), SourceFile("a.py", text.replace("\n", end))
    assert listing(other) == listing(plain)
    assert [(one.line, one.covers) for one in other.allows] == [(4, 5)]
    for one, same in zip(plain.statements, other.statements, strict=True):
        assert plain.site(Rule.DEPRECATED_USE, ssot="s", target="t", statement=one, line=1) == other.site(
            Rule.DEPRECATED_USE, ssot="s", target="t", statement=same, line=1
        )


def test_a_form_feed_is_no_line_end() -> None:
    file = SourceFile(
        "a.py", "a = 1\n\x0cb = old()\n# ssot: allow[deprecated-use] why\nc = old()\nd = '\x0b\x1c\u2028'\n"
    )
    assert listing(file)[:3] == [(1, "<module>", "a = 1"), (2, "<module>", "b = old()"), (4, "<module>", "c = old()")]
    assert file.allows[0].covers == 4
    assert file.statements[3].line == 5


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        ("\ufeffx = 'é'\n".encode(), "x = 'é'\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), None),
    ],
)
def test_a_file_is_decoded_as_python_decodes_it(data: bytes, text: str | None) -> None:
    file = SourceFile.read("a.py", data)
    assert text is None or file.text == text
    assert file.text_of(file.statements[0]) in ("x = 'é'", "x = '€'")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"x = '\xe9'\n", SyntaxError),
        (b"a = 1\nb = 2\nx = '\xe9'\n", UnicodeDecodeError),
        (b"# coding: no-such-code\n", SyntaxError),
        (b"x = (\n", SyntaxError),
        (b"x = '\0'\n", (SyntaxError, ValueError)),
    ],
)
def test_a_file_that_python_cannot_read_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        SourceFile.read("a.py", data)


def test_a_declared_encoding_that_is_wrong_is_refused() -> None:
    with pytest.raises(SyntaxError):
        decode(b"\xef\xbb\xbf# coding: latin-1\n")


def test_a_parsed_tree_is_taken_as_it_is() -> None:
    tree = ast.parse("x = 1")
    assert SourceFile("a.py", "x = 1", tree).tree is tree


def test_an_allow_at_the_end_of_the_line_speaks_of_that_statement_alone() -> None:
    file = source(
        """
        old()  # ssot: allow[deprecated-use] it is late
        old()
        """
    )
    assert file.allows == (Allow("app/a.py", 1, 1, ("deprecated-use",), "it is late", None),)
    assert file.allow_for(Rule.DEPRECATED_USE, 1) is file.allows[0]
    assert file.allow_for(Rule.DEPRECATED_USE, 2) is None
    assert file.allow_for(Rule.DEPRECATED_IMPORT, 1) is None


def test_an_allow_on_any_line_of_a_statement_speaks_of_all_of_it() -> None:
    file = source(
        """
        x = f(
            old(),
            new(),  # ssot: allow[deprecated-use] why
        )
        """
    )
    for line in (1, 2, 3, 4):
        assert file.allow_for(Rule.DEPRECATED_USE, line) is file.allows[0]


def test_an_allow_on_the_line_above_speaks_of_the_next_statement() -> None:
    file = source(
        """
        def f():
            # ssot: allow[deprecated-use, out-of-band-id] both
            old(
                1)
            old()
        """
    )
    assert file.allow_for(Rule.OUT_OF_BAND_ID, 3) is file.allows[0]
    assert file.allow_for(Rule.DEPRECATED_USE, 4) is file.allows[0]
    assert file.allow_for(Rule.DEPRECATED_USE, 5) is None
    assert file.allow_for(Rule.DEPRECATED_USE, 1) is None


def test_an_allow_with_a_blank_line_below_speaks_of_nothing() -> None:
    file = source("# ssot: allow[deprecated-use] why\n\nold()\n")
    assert file.allow_for(Rule.DEPRECATED_USE, 3) is None


def test_allows_above_one_another_all_speak_of_the_statement_below() -> None:
    file = source("# ssot: allow[deprecated-use] a\n# ssot: allow[out-of-band-id] b\nold()\n")
    assert file.allow_for(Rule.DEPRECATED_USE, 3) is file.allows[0]
    assert file.allow_for(Rule.OUT_OF_BAND_ID, 3) is file.allows[1]


def test_an_allow_above_the_decorators_speaks_of_the_class() -> None:
    file = source(
        """
        # ssot: allow[deprecated-base] why
        @final
        @other
        class A(Old):
            x = Old()
        """
    )
    assert file.allow_for(Rule.DEPRECATED_BASE, 4) is file.allows[0]
    assert file.allow_for(Rule.DEPRECATED_BASE, 2) is file.allows[0]
    assert file.allow_for(Rule.DEPRECATED_BASE, 5) is None


def test_an_allow_in_a_body_does_not_reach_its_head() -> None:
    file = source(
        """
        class A(Old):
            x = Old()  # ssot: allow[deprecated-base] why
        class B(Old):
            # ssot: allow[deprecated-base] why
            x = Old()
        class C(Old):  # ssot: allow[deprecated-base] why
            x = Old()
        """
    )
    allowed = [line for line in range(1, 8) if file.allow_for(Rule.DEPRECATED_BASE, line)]
    assert allowed == [2, 5, 6]


def test_an_allow_after_the_end_of_a_long_string_speaks_of_its_statement() -> None:
    file = source('x = old("""a\nb""")  # ssot: allow[deprecated-use] why\n')
    assert file.allow_for(Rule.DEPRECATED_USE, 1) is file.allows[0]
    assert file.allows[0].covers == 2


def test_an_allow_stands_beside_other_comments() -> None:
    file = source("old()  # noqa: E501  # ssot: allow[deprecated-use] see #220  # type: ignore\n")
    assert file.allows[0].reason == "see #220"
    assert file.allows[0].problem is None


def test_the_text_of_an_allow_inside_a_string_is_none() -> None:
    assert source("x = '# ssot: allow[deprecated-use] why'\n").allows == ()


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# ssot: allow[deprecated-use]", "it gives no reason; write one behind the bracket"),
        ("# ssot: allow[deprecated-use]  # noqa", "it gives no reason; write one behind the bracket"),
        ("# ssot: allow[deprecated] why", "there is no rule 'deprecated'"),
        ("# ssot: allow[deprecated-use, nonsense] why", "there is no rule 'nonsense'"),
        ("# ssot: allow[] why", "it names no rule; write # ssot: allow[rule] reason"),
        ("# ssot: allow why", "it names no rule; write # ssot: allow[rule] reason"),
    ],
)
def test_an_allow_that_is_no_use_has_no_effect_and_says_why(comment: str, problem: str) -> None:
    file = source(f"old()  {comment}\n")
    assert [one.problem for one in file.allows] == [problem]
    assert file.allow_for(Rule.DEPRECATED_USE, 1) is None
