"""What the documents show works as they say."""

import re
from pathlib import Path

from schemas.contract import faults
from schemas.wire import WireEvent
from streams.intake.adapters.mapped import MappedShape
from streams.intake.mapping import parse_mapping
from streams.intake.rules import Limits
from streams.processor import InputRecord

ROOT = Path(__file__).parents[1]


def shown(path: str, language: str) -> list[str]:
    """The blocks of code in a document that are of this language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)


def test_mapping_of_the_documents_reads_its_line() -> None:
    shape = MappedShape(parse_mapping("shown", shown("docs/mappings.md", "toml")[0]), Limits())
    record = InputRecord("file", 1, shown("docs/mappings.md", "csv")[0].strip().encode(), mapping="shown")
    pieces = shape.pieces(record)
    assert isinstance(pieces, list)
    event = shape.event_of(pieces[0], record)
    assert isinstance(event, WireEvent)
    assert (event.name, event.outcome, event.occurred_at) == ("ticket.resolved", "completed", 1772709300000)
    assert event.identifiers is not None
    assert [(each.kind, each.value) for each in event.identifiers] == [("ticket_requester_id", "c-99")]
    assert event.correlation is not None
    assert event.correlation.ticket_id == "4711"


def test_event_of_the_readme_is_a_good_one() -> None:
    assert [faults(event) for event in shown("README.md", "json")] == [[]]


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []
