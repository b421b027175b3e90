"""What a tree suggests: one job done several times, with the evidence, and where identifiers come from."""

from __future__ import annotations


def targets(group):
    return [one.candidate.target for one in group.members]


def evidence(group):
    return {one.text for pair in group.pairs for one in pair.evidence}


def test_one_job_done_three_times_is_one_group_led_by_the_one_that_is_used(look):
    (group,) = look().groups
    assert targets(group)[0] == "shop.tracker:OrderTracker"
    assert set(targets(group)[1:]) == {"shop.legacy:OrderStateManager", "shop.v2:OrderTrackerV2"}
    assert group.members[0].users == 2
    assert group.subject == "order_tracker"


def test_the_evidence_says_what_two_have_in_common(look):
    (group,) = look().groups
    assert evidence(group) >= {
        "both are handed out by get_tracker()",
        "both are singletons: get_order_manager(), get_tracker()",
        "names share order, tracker and differ in v2",
        "share methods active_orders, finish_order, start_order",
        "the same body in method finish_order",
        "methods take customer, order_id",
        "shop/use.py uses both",
    }


def test_the_strongest_reason_and_the_strongest_pair_come_first(look):
    (group,) = look().groups
    assert [pair.score for pair in group.pairs] == sorted((pair.score for pair in group.pairs), reverse=True)
    for pair in group.pairs:
        assert [one.weight for one in pair.evidence] == sorted((one.weight for one in pair.evidence), reverse=True)
    assert group.strongest(1) in group.pairs


def test_what_shares_nothing_is_in_no_group(look, tree):
    for name in ("legacy", "v2"):
        (tree / "shop" / f"{name}.py").unlink()
    assert look().groups == ()


def test_tests_and_exceptions_are_no_candidates(look):
    assert not [one for group in look().groups for one in targets(group) if "Test" in one or "Error" in one]


def test_those_who_implement_one_interface_are_no_duplicates_for_its_methods(look, tree):
    (tree / "shop" / "codecs.py").write_text(
        "from abc import ABC\n"
        "class Codec(ABC):\n    def encode_article(self): ...\n    def decode_article(self): ...\n"
        "class Plain(Codec):\n    def encode_article(self): ...\n    def decode_article(self): ...\n"
        "class Zipped(Codec):\n    def encode_article(self): ...\n    def decode_article(self): ...\n"
    )
    assert len(look().groups) == 1


def test_modules_of_functions_are_compared_too(look, tree):
    text = "".join(
        f"def {name}_invoice(number):\n    total = number\n    total += 1\n    total *= 2\n    return total\n\n"
        for name in ("print", "send", "void")
    )
    (tree / "shop" / "invoices.py").write_text(text)
    (tree / "shop" / "invoices_old.py").write_text(text.replace("total", "sum_"))
    group = next(one for one in look().groups if "shop.invoices" in targets(one))
    assert set(targets(group)) == {"shop.invoices", "shop.invoices_old"}
    assert "the same body in methods print_invoice, send_invoice, void_invoice" in evidence(group)


def test_where_identifiers_come_from_is_counted(look):
    found = look()
    assert [(one.target, one.sites, one.files) for one in found.ids] == [("uuid:uuid4", 2, 1)]
    assert found.generators == (("shop.use:new_order_id", 1),)


def test_only_what_lies_in_the_paths_is_looked_at(look):
    found = look("shop/tracker.py", "shop/mail.py")
    assert (found.files, found.groups) == (2, ())


def test_a_file_that_cannot_be_parsed_is_counted_and_passed_over(look, tree):
    (tree / "shop" / "broken.py").write_text("def (:")
    found = look()
    assert found.unreadable == 1
    assert len(found.groups) == 1


def test_two_looks_give_the_same(look):
    assert look() == look()
