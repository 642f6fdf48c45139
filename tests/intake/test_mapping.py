"""An export is imported by a declaration, without code."""

import msgspec
import pytest

from schemas.touchpoint import Channel, Direction, ErrorClass
from streams.intake.mapping import Mapping, MappingError, parse_mapping, shipped_mappings
from tests.intake.builders import NOON, RULES, Taken, take

SHIPPED = shipped_mappings()
TIME = '[time]\ncolumn = "at"\nformat = "epoch_ms"\n'
FIELDS = '[fields]\nsource = "crm"\nchannel = "support"\nname = "ticket.created"\n'


def lines(mapping: Mapping, *told: bytes, **more: str) -> Taken:
    rules = msgspec.structs.replace(RULES, mappings={"m": mapping})
    return take(*told, rules=rules, adapter="mapping", mapping="m", **more)


def csv(text: str = FIELDS, head: str = 'format = "csv"\ncolumns = ["id", "at", "who"]\n', time: str = TIME) -> Mapping:
    return parse_mapping("m", head + time + text)


def test_shipped_mappings_are_all_readable():
    assert set(SHIPPED) == {"apache_combined", "apache_common", "nasa_tsv", "support_log"}


def test_templates_constants_and_tables_fill_fields():
    text = FIELDS + 'event_id = "crm-{id}"\noutcome = { column = "who", values = { a = "failed" }, default = "none" }\n'
    taken = lines(csv(text), f"7,{NOON},a".encode(), f"8,{NOON},b".encode())
    assert [(t.event_id, t.outcome.value, t.event_time) for t in taken.touchpoints] == [
        ("crm-7", "failed", NOON),
        ("crm-8", "none", NOON),
    ]


def test_template_of_an_untold_column_leaves_the_field_out():
    head = 'format = "csv"\ncolumns = ["id", "at", "who"]\nunknown = ["", "?"]\n'
    text = FIELDS + 'task = "t-{who}"\n[[identifiers]]\nkind = "account_id"\nvalue = "{who}"\n'
    taken = lines(csv(text, head), f"7,{NOON},?".encode(), f"8,{NOON},ada".encode())
    assert [(t.task, len(t.strong)) for t in taken.touchpoints] == [("", 0), ("t-ada", 1)]


def test_quoted_cells_and_windows_line_ends_are_read():
    text = FIELDS + 'task = "{who}"\n'
    assert lines(csv(text), f'7,{NOON},"a, ""b"""\r\n'.encode()).touchpoint.task == 'a, "b"'


def test_missing_event_id_is_made_of_the_line():
    one, same, other = (lines(csv(), line).touchpoint for line in (b"7,1,a", b"7,1,a\n", b"7,1,b"))
    assert one.event_id == same.event_id != other.event_id


def test_header_is_skipped_once_and_is_no_event():
    mapping = csv(head='format = "csv"\nheader = true\ncolumns = ["id", "at", "who"]\n')
    taken = lines(mapping, b"\xef\xbb\xbfid,at,who", f"7,{NOON},a".encode())
    assert (taken.ledger.skipped, taken.ledger.totals()["in"], taken.ledger.accepted) == (1, 1, 1)
    assert lines(mapping, b"at,id,who").reasons == ["unreadable_time"]
    assert lines(mapping, f"7,{NOON},a".encode(), b"id,at,who").reasons == ["unreadable_time"]


def test_configured_source_beats_the_mappings():
    assert lines(csv(), f"7,{NOON},a".encode(), source="/crm/eu").touchpoint.source == "/crm/eu"


def test_skipped_lines_are_dead_letters_that_say_so():
    text = FIELDS + '[[skip]]\ncolumn = "who"\nequals = ["nobody"]\n'
    taken = lines(csv(text), f"7,{NOON},nobody".encode(), f"8,{NOON},ada".encode())
    assert (taken.reasons, taken.ledger.accepted) == (["skipped_by_mapping"], 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty"),
        (b"7", "wrong_columns"),
        (b'7,"', "wrong_columns"),
        (b"7,soon,a", "unreadable_time"),
        (b"7,,a", "no_time"),
        (b"\xff,1,a", "not_decodable"),
        (b"x" * 70000, "too_large"),
        (b"7," + b"9" * 5000 + b",a", "unreadable_time"),
    ],
)
def test_line_that_is_none_is_a_dead_letter(line: bytes, reason: str):
    assert lines(csv(), line).reasons == [reason]


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ('format = "epoch_seconds"', "1767182400"),
        ('format = "rfc3339"', "2025-12-31T13:00:00+01:00"),
        ('format = "access_log"', "31/Dec/2025:11:00:00 -0100"),
        ('format = "%d.%m.%Y %H:%M"', "31.12.2025 12:00"),
        ('format = "%d.%m.%Y %H:%M"\nzone = "+02:00"', "31.12.2025 14:00"),
        ('format = "%d.%m.%Y %H:%M"\nzone = "-03:30"', "31.12.2025 08:30"),
        ('format = "%Y-%m-%d %H:%M %z"', "2025-12-31 13:00 +0100"),
    ],
)
def test_times_are_read_as_declared(time: str, told: str):
    assert lines(csv(time=f'[time]\ncolumn = "at"\n{time}\n'), f"7,{told},a".encode()).touchpoint.event_time == NOON


def test_json_lines_are_flattened_by_dotted_paths():
    head = 'format = "jsonl"\n'
    text = FIELDS + 'task = "{user.plan}"\n'
    told = b'{"at": 1767182400000, "user": {"plan": "pro", "list": [1]}, "ok": true, "none": null}'
    assert lines(csv(text, head), told).touchpoint.task == "pro"
    assert lines(csv(text, head), b"[1]", b"{").reasons == ["not_decodable", "not_decodable"]


COMBINED = b'198.18.0.2 - - [31/Dec/2025:12:00:00 +0000] "GET /a HTTP/1.1" 503 - "http://x/" "Mozilla/5.0 \\"q\\""'


def test_combined_access_log_tells_client_page_and_failure():
    touchpoint = lines(SHIPPED["apache_combined"], COMBINED).touchpoint
    assert (touchpoint.channel, touchpoint.name, touchpoint.event_time) == (Channel.WEB, "page.failed", NOON)
    assert touchpoint.error is not None
    assert (touchpoint.error.http_status, touchpoint.error.error_class) == (503, ErrorClass.SYSTEM)
    assert len(touchpoint.devices) == 1
    assert touchpoint.attributes is not None
    assert touchpoint.attributes["url"] == "/a"
    assert "bytes" not in touchpoint.attributes


def test_declared_robots_are_marked_and_never_stitched():
    touchpoint = lines(SHIPPED["apache_combined"], COMBINED.replace(b"Mozilla/5.0", b"Googlebot/2.1")).touchpoint
    assert (touchpoint.is_bot, touchpoint.bot_reason, touchpoint.devices) == (True, "user_agent", ())


def test_common_and_combined_lines_are_not_confused():
    common = COMBINED.split(b' "http')[0]
    assert lines(SHIPPED["apache_common"], common).ledger.accepted == 1
    assert lines(SHIPPED["apache_common"], COMBINED).reasons == ["wrong_columns"]
    assert lines(SHIPPED["apache_combined"], common).reasons == ["wrong_columns"]


def test_irregular_request_line_is_still_a_request():
    line = COMBINED.replace(b"GET /a HTTP/1.1", b"\\x16\\x03")
    assert lines(SHIPPED["apache_combined"], line).touchpoint.name == "page.failed"


def test_incident_update_is_a_ticket_of_its_caller():
    cells = [
        "INC1",
        "New",
        "true",
        "0",
        "0",
        "0",
        "true",
        "Caller 7",
        "x",
        "x",
        "x",
        "x",
        "x",
        "31/12/2025 12:00",
        "Phone",
    ]
    line = ",".join(cells + ["?"] * 21).encode()
    touchpoint = lines(SHIPPED["support_log"], b"header", line).touchpoints[-1]
    assert (touchpoint.channel, touchpoint.sub_channel, touchpoint.name) == (Channel.SUPPORT, "phone", "ticket.created")
    assert (touchpoint.direction, touchpoint.event_time) == (Direction.INBOUND, NOON)
    assert [identifier[0] for identifier in (*touchpoint.strong, *touchpoint.threads)] == [5, 22]
    later = line.replace(b",New,true,0,0,0,", b",Resolved,true,0,0,3,")
    assert lines(SHIPPED["support_log"], later).touchpoint.name == "ticket.resolved"
    unknown = line.replace(b"Caller 7", b"?")
    assert lines(SHIPPED["support_log"], unknown).touchpoint.strong == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("format = 7", "format"),
        ("nonsense", "m"),
        ('format = "csv"\n' + TIME + FIELDS, "columns"),
        ('format = "csv"\ncolumns = ["at"]\n' + TIME + FIELDS + 'task = "{who}"\n', "who"),
        ('format = "csv"\ncolumns = ["at"]\ncolour = 1\n' + TIME + FIELDS, "colour"),
        ('format = "csv"\ncolumns = ["at"]\n' + TIME + 'zone = "Europe/Berlin"\n' + FIELDS, "zone"),
        ('format = "xml"\n' + TIME + FIELDS, "xml"),
    ],
)
def test_mapping_that_can_not_be_used_says_what_is_wrong(text: str, names: str):
    with pytest.raises(MappingError, match=names):
        parse_mapping("m", text)
