"""What an outlet says of its own article, told apart from what it says of the world."""

from __future__ import annotations

import pytest

from monitor.extract.notices import find_notices, notice_kind
from storage.records import Notice, NoticeKind, Paragraph, ParagraphKind

BREAKING = "This is a breaking news story. More to follow."
CORRECTION = "Correction: An earlier version of this article misstated the date of the vote."
BODY = [f"Paragraph {n} tells what the council said about the old bridge." for n in range(10)]


def found(
    *texts: str, labels: tuple[str, ...] = (), said: tuple[str, ...] = (), live: bool = False
) -> list[Notice]:
    paragraphs = [Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in texts]
    return list(find_notices(paragraphs, labels, said, live))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (NoticeKind.BREAKING, BREAKING),
        (NoticeKind.BREAKING, "This is a developing story. Check back for updates."),
        (NoticeKind.BREAKING, "Dieser Text wird laufend aktualisiert."),
        (NoticeKind.BREAKING, "Plus d’informations à suivre."),
        (NoticeKind.BREAKING, "Noticia en desarrollo. Habrá ampliación."),
        (NoticeKind.BREAKING, "Notizia in aggiornamento"),
        (NoticeKind.BREAKING, "Mais informações em instantes."),
        (NoticeKind.CORRECTION, CORRECTION),
        (NoticeKind.CORRECTION, "This article was amended on 3 May 2024 to correct a name."),
        (NoticeKind.CORRECTION, "Korrektur: In einer früheren Version dieses Artikels hieß es anders."),
        (NoticeKind.CORRECTION, "Rectificatif : une première version de cet article disait autre chose."),
        (
            NoticeKind.CORRECTION,
            "Fe de errores: En una versión anterior de este artículo se decía otra cosa.",
        ),
        (NoticeKind.CORRECTION, "Rettifica: una versione precedente di questo articolo riportava altro."),
        (NoticeKind.CORRECTION, "Correção: uma versão anterior deste texto dizia outra coisa."),
        (NoticeKind.CLARIFICATION, "Clarification: the minister spoke on Monday."),
        (NoticeKind.CLARIFICATION, "Klarstellung: Der Minister sprach am Montag."),
        (NoticeKind.CLARIFICATION, "Précision : le ministre a parlé lundi."),
        (NoticeKind.CLARIFICATION, "Aclaración: el ministro habló el lunes."),
        (NoticeKind.CLARIFICATION, "Precisazione: il ministro ha parlato lunedì."),
        (NoticeKind.CLARIFICATION, "Esclarecimento: o ministro falou na segunda."),
        (NoticeKind.EDITORS_NOTE, "Editor’s note: This story has been taken out of the series."),
        (NoticeKind.EDITORS_NOTE, "Anmerkung der Redaktion: Der Text wurde geändert."),
        (NoticeKind.EDITORS_NOTE, "Note de la rédaction : ce texte a été relu."),
        (NoticeKind.EDITORS_NOTE, "Nota de la redacción: el texto fue revisado."),
        (NoticeKind.EDITORS_NOTE, "Nota della redazione: il testo è stato rivisto."),
        (NoticeKind.EDITORS_NOTE, "Nota da redação: o texto foi revisto."),
        (NoticeKind.UPDATE, "Update: This article has been expanded with reaction."),
        (NoticeKind.UPDATE, "UPDATE – Adds quote from the minister in paragraph three"),
        (NoticeKind.UPDATE, "Mise à jour : ajout des réactions de l’opposition."),
        (NoticeKind.UPDATE, "Actualización: se añaden reacciones."),
        (NoticeKind.UPDATE, "Aggiornamento: aggiunte le reazioni."),
        (NoticeKind.UPDATE, "Atualização: com as reações da oposição."),
    ],
)
def test_a_notice_is_known_in_six_languages(kind: NoticeKind, text: str) -> None:
    assert notice_kind(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "Correctional officers: three were hurt in a riot on Sunday.",
        "The correctional facility: a history.",
        "Corrections officers say that the prison is full.",
        "The market saw a correction: shares fell by 5%.",
        "A breaking wave hit the harbour wall.",
        "The editor noted: nothing was left.",
        "The story was updated by three novelists in turn.",
    ],
)
def test_the_same_words_about_the_world_are_no_notice(text: str) -> None:
    assert notice_kind(text) is None


@pytest.mark.parametrize("mark", ["“", '"', "„", "«", "‘"])
def test_quoted_speech_is_no_notice(mark: str) -> None:
    assert notice_kind(f"{mark}{CORRECTION}” she read out in court.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Updated 14:05",
        "Updated: 14:05",
        "Update: 3pm",
        "Updated: 17 November 2024, 7.05 p.m. ET",
        "Updated: Sunday, Nov. 17, 2024 at 19:05 GMT",
        "Updated – today at 14:05",
        "Mise à jour: 14h05",
        "Last updated 3 hours ago",
    ],
)
def test_a_bare_time_that_a_machine_wrote_is_no_notice(text: str) -> None:
    assert notice_kind(text) is None


def test_a_whole_article_about_a_correction_is_no_notice() -> None:
    assert notice_kind(CORRECTION + " and so on" * 60) is None


def test_notices_are_looked_for_only_at_both_ends_of_a_text() -> None:
    assert [notice.text for notice in found(BREAKING, *BODY, CORRECTION)] == [BREAKING, CORRECTION]
    assert found(*BODY[:5], CORRECTION, *BODY[5:]) == []


def test_a_text_of_one_paragraph_has_its_notice_once() -> None:
    assert found(BREAKING) == [Notice(kind=NoticeKind.BREAKING, text=BREAKING)]


def test_a_label_beside_the_headline_is_a_notice() -> None:
    assert found(*BODY, labels=("Breaking",)) == [Notice(kind=NoticeKind.BREAKING, text="Breaking")]
    assert found(*BODY, labels=("World", "Opinion")) == []


def test_a_label_that_only_repeats_a_notice_is_not_a_second_one() -> None:
    assert found(*BODY, BREAKING, labels=("Breaking",)) == [Notice(kind=NoticeKind.BREAKING, text=BREAKING)]


def test_what_the_metadata_calls_a_correction_is_one_and_is_not_told_twice() -> None:
    other = "The council has nine members, not ten."
    assert found(*BODY, CORRECTION, said=(CORRECTION, other)) == [
        Notice(kind=NoticeKind.CORRECTION, text=CORRECTION),
        Notice(kind=NoticeKind.CORRECTION, text=other),
    ]


def test_a_live_page_says_so() -> None:
    assert found(*BODY, live=True) == [Notice(kind=NoticeKind.LIVE, text="Live")]
