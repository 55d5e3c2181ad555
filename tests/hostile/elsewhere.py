"""The rows, or the sides of them, that no server can send: where each enters, and the tests that try it there."""

from __future__ import annotations

ELSEWHERE: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("an answer to a webhook", ("test_fetch.py::test_a_post_goes_through_the_same_guard",)),
    17: (
        "storage: the same text in SQLite and in PostgreSQL",
        (
            "test_hostile_pages.py::test_nothing_is_lost_at_a_zero",
            "test_postgres.py::test_any_text_comes_back_as_it_was",
        ),
    ),
    18: (
        "storage, JSON: no half letter gets out of a page",
        ("test_hostile_pages.py::test_what_is_no_letter_never_gets_out_of_a_page",),
    ),
    19: (
        "the Atom feed",
        (
            "test_report_atom.py::test_whatever_the_article_says_the_entry_is_well_formed",
            "test_report_atom.py::test_ten_thousand_odd_texts_make_well_formed_entries",
        ),
    ),
    29: ("patterns in config.toml", ()),
    31: (
        "the clock of the machine",
        (
            "test_clock.py::test_a_clock_that_is_set_skips_nothing_and_hurries_nothing",
            "test_clock.py::test_the_change_to_and_from_summer_time_is_nothing_at_all",
            "test_clock.py::test_a_span_that_would_run_backwards_is_kept_as_it_was_seen_and_shown_to_nobody",
        ),
    ),
    32: (
        "subjects of mails, kept headers",
        (
            "test_report_mail.py::test_the_subject_is_one_short_line_whatever_the_article_says",
            "test_fetch.py::test_a_header_goes_on_without_its_control_characters",
        ),
    ),
    34: (
        "restore (an import comes with its own)",
        ("test_backup.py::test_only_a_whole_backup_of_ours_is_restored",),
    ),
    35: (
        "pages and reports",
        ("test_report_html.py::test_hostile_text_makes_no_tag_no_link_and_no_hidden_turn",),
    ),
    38: (
        "pages, reports, feeds and mails",
        (
            "test_report_html.py::test_hostile_text_makes_no_tag_no_link_and_no_hidden_turn",
            "test_report_mail.py::test_hostile_text_is_text_in_a_mail",
        ),
    ),
    39: ("an export to CSV, which there is not yet", ()),
}
