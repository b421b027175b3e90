"""Judge: sites, observations, markers and baseline in, decisions out. Pure, and without pytest."""

from __future__ import annotations

from pytest_ssot_tracker.judge.baseline import Baseline, BaselineError, Looked
from pytest_ssot_tracker.judge.markers import Allowed, Expect, MarkError, Marks, read_mark, read_marks
from pytest_ssot_tracker.judge.verdict import Judge, Judgement, Raised
from pytest_ssot_tracker.judge.whole_run import BudgetRow, Collected, budgets, collected
from pytest_ssot_tracker.judge.words import Advice, advice, harmless, sentence

__all__ = [
    "Advice",
    "Allowed",
    "Baseline",
    "BaselineError",
    "BudgetRow",
    "Collected",
    "Expect",
    "Judge",
    "Judgement",
    "Looked",
    "MarkError",
    "Marks",
    "Raised",
    "advice",
    "budgets",
    "collected",
    "harmless",
    "read_mark",
    "read_marks",
    "sentence",
]
