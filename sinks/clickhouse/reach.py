"""What a question may not reach: files of the machine it is asked on.

The embedded engine obeys INTO OUTFILE and the function file() even where it is read-only. Both are refused wherever
they stand, because telling a keyword from a string would take ClickHouse's own parser; who looks for such words binds
them as parameters.
"""

import re
from typing import Final

_BETWEEN: Final = r"(?:[^\w(/#-]|/\*.*?\*/|--[^\n]*|\#[^\n]*|[/-])*"
"""What may stand between a function's name and its bracket: the name's own quotes, blanks of any kind, comments."""
_TOUCHES_A_FILE: Final = re.compile(
    r"\boutfile\b|\binfile\b"
    rf"|\bfile{_BETWEEN}\("
    # A quoted name can spell anything by escapes, so a function with a backslash in its name is none to be trusted.
    rf"|[`\"][^`\"]*\\[^`\"]*[`\"]{_BETWEEN}\(",
    re.IGNORECASE | re.DOTALL,
)


def touches_a_file(statement: str) -> bool:
    """Tell whether a statement could read or write a file; says so too often rather than too rarely."""
    return _TOUCHES_A_FILE.search(statement) is not None
