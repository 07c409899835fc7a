"""METHOD.md's numbers: for each the sentence that promises it, and the test that meets its edge from both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROMISES = [
    ("Its `timeout` (10 s) covers everything", "transport/test_engine.py::test_the_deadline_holds_in_each_phase"),
    ("At most 1 MiB of a response is read", "transport/test_transport.py::test_an_answer_of_exactly_the_limit_is_whole"),
    ("Codes come before words", "classify/test_lexicon.py::test_what_an_error_is_about"),
    ("Rules of the provider come before generic rules", "classify/test_by_words.py::test_a_rule_of_the_provider_comes_before_what_everybody_means"),
    ("the innermost error is read first", "classify/test_relayed.py::test_what_lacks_the_gateways_type_is_relayed"),
    ("A 200 that carries an error is an error", "classify/test_envelope.py::test_whether_an_answer_says_no"),
    ("what a CDN or proxy answers is never about our key", "classify/test_by_words.py::test_what_an_edge_says_is_never_about_our_key"),
    ("Codes are words", "classify/test_lexicon.py::test_codes_are_words"),
    ("by one lexicon of topics, English and Chinese", "classify/test_two_languages.py::test_both_languages_mean_the_same"),
    ("A refused create is a success only with", "classify/test_neighbours.py::test_a_field_that_nobody_knows_is_no_value_that_is_wrong"),
    ("An unknown status word is `unknown_word`", "classify/test_by_words.py::test_an_unknown_word_of_a_job_is_no_success"),
    ("An explicit code", "health/test_method_edges.py::test_an_explicit_code_needs_one_observation_and_words_need_two"),
    ("needs two of the last three attempts", "health/test_method_edges.py::test_a_transient_failure_needs_two_of_the_last_three"),
    ("A shallow success does not overrule a confirmed deeper failure", "health/test_board.py::test_shallow_success_does_not_overrule_a_deep_failure"),
    ("Evidence counts for 2.5 intervals of its depth", "health/test_method_edges.py::test_evidence_counts_for_two_and_a_half_intervals"),
    ("over 24 hours (at least 20 samples, at most 288", "health/test_baselines.py::test_a_day_is_told_whole_however_often_is_probed"),
    ("more than 3 times the median *and* more than 0.1 s longer", "health/test_method_edges.py::test_slow_is_three_times_the_median_and_a_tenth_of_a_second"),
    ("failed three times after a success within ten attempts", "health/test_method_edges.py::test_three_failures_after_a_success_in_ten_attempts_are_degraded"),
    ("at least three witnesses were tried within 150 s", "health/test_own_network.py::test_witnesses_are_heard_for_a_while"),
    ("and half or more of them failed", "health/test_network_edges.py::test_half_of_at_least_three"),
    ("15 s after its first failure, then 30 s, 60 s", "health/test_method_edges.py::test_a_suspect_is_looked_at_after_15_30_and_60_seconds"),
    ("after a refusal for rate, key or quota; `Retry-After` is obeyed", "health/test_method_edges.py::test_nobody_is_asked_faster_who_refused_or_asked_us_to_wait"),
    ("at least every 10 minutes on the first day, then ten times less often", "probing/test_scheduler.py::test_a_retired_target_is_looked_at_every_ten_minutes_for_a_day"),
    ("A reading counts for 15 minutes", "status_pages/test_report.py::test_an_unreadable_page_changes_nothing_until_it_is_old"),
    ("until that has answered for a day", "status_pages/test_report.py::test_a_page_that_stays_renamed_is_believed_after_a_day"),
    ("more than a day back", "status_pages/test_report.py::test_how_far_back_a_page_may_go"),
    ("has not changed for 180 days", "status_pages/test_report.py::test_how_long_a_page_may_stand_still"),
    ("a probe did not find the model: `retired`", "classify/test_refine.py::test_absence_is_read_by_the_calendar_and_by_who_says_so"),
    ("Uptime is time up divided by time known", "health/test_uptime.py::test_the_example_of_method_md"),
    ("| uptime from | 99.9 % | 99 % | 97 % | 90 % | 0 % |", "health/test_method_edges.py::test_each_star_begins_at_its_share"),
    ("less than one hour known", "health/test_method_edges.py::test_less_than_an_hour_known_is_no_star"),
]  # fmt: skip
"""A sentence of METHOD.md, and where its edge is tested."""


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("promise", "test"), PROMISES, ids=[promise for promise, _ in PROMISES])
def test_each_promise_stands_and_is_tested(promise: str, test: str) -> None:
    """The sentence is still there, and so is its test."""
    name, function = test.split("::")
    text = (ROOT / "tests" / name).read_text("utf-8")

    assert promise in _flat((ROOT / "METHOD.md").read_text("utf-8"))
    assert f"def {function}(" in text
