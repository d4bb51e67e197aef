"""Lay out code and colour it: find its keywords, strings, comments, numbers and names.

Pygments reads the code, only as far as it is shown. Code is plain if its language isn't in
`LANGUAGES`, if it is too long, or from where its lexer fails or takes too long.
"""

from __future__ import annotations

import re
from time import thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.linebreak import cut_lines
from reader.layout.lines import BlockLayout, FlatSpans, Line, Run, SpanStyle, slice_runs
from reader.text.cells import count_cells
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pygments.token import _TokenType

    from reader.text.document import Block


CONTINUATION_PREFIX: Final = "↪ "
"""Drawn before the continuation of a long line of code."""
MAX_CHARACTERS: Final = 8_000
"""Characters. A longer listing is plain: to colour its end, all of it has to be read."""
MAX_LINE_CHARACTERS: Final = 300
"""Characters. Longer lines are generated, and some lexers take quadratic time for them."""
MAX_SECONDS: Final = 0.2
"""Seconds of processor time spent on one listing; five times what the slowest took at this length.

Processor time, so that a busy machine shows the same colours as an idle one."""

LANGUAGES: Final = frozenset({
    "ada", "apache", "applescript", "asm", "awk", "bash", "bat", "bibtex", "c", "clojure",
    "cmake", "cobol", "coffeescript", "common-lisp", "console", "cpp", "crystal", "csharp", "css",
    "d", "dart", "diff", "django", "docker", "elisp", "elixir", "elm", "erb", "erlang", "fish",
    "forth", "fortran", "fsharp", "gas", "gdscript", "glsl", "go", "graphql", "groovy", "haskell",
    "hcl", "html", "http", "idris", "ini", "java", "javascript", "jinja", "json", "json5", "jsx",
    "julia", "kotlin", "latex", "lean", "less", "liquid", "llvm", "lua", "make", "markdown",
    "mathematica", "mysql", "nasm", "nginx", "nim", "nix", "objective-c", "objective-c++",
    "octave", "pascal", "perl", "php", "postgresql", "powershell", "prolog", "protobuf",
    "purescript", "pycon", "pytb", "python", "r", "racket", "rst", "ruby", "rust", "sass",
    "scala", "scheme", "scss", "sed", "smalltalk", "solidity", "sql", "swift", "tcl", "terraform",
    "tex", "toml", "ts", "tsx", "typescript", "vbnet", "verilog", "vhdl", "vim", "vue", "xml",
    "yaml", "zig", "zsh",
})  # fmt: skip
"""The languages of the stories this program is for. No lexer of these was found to hang on hostile
text of `MAX_CHARACTERS`; Pygments has hundreds more, and some of them do."""
_LANGUAGE_ALIASES: Final = {
    "c#": "csharp", "c++": "cpp", "cs": "csharp", "dockerfile": "docker", "emacs-lisp": "elisp",
    "h": "c", "hs": "haskell", "js": "javascript", "kt": "kotlin", "lisp": "common-lisp",
    "makefile": "make", "md": "markdown", "objc": "objective-c", "patch": "diff", "pl": "perl",
    "ps1": "powershell", "py": "python", "python3": "python", "rb": "ruby", "rs": "rust",
    "sh": "bash", "shell": "bash", "terminal": "console", "tf": "terraform", "yml": "yaml",
}  # fmt: skip
_LANGUAGE_NAME: Final = re.compile(r"(?:lang(?:uage)?-)?([\w#+-]+)")


class CodeToken(NamedTuple):
    """A token of code: its offset, its role besides `Role.CODE`, and its text."""

    start: int
    role: Role
    text: str


def parse_language(info: str) -> str:
    """Return the language in the info string of a fence, or empty if it isn't coloured."""
    match = _LANGUAGE_NAME.match(info.lower().lstrip("{. "))
    name = match[1] if match else ""
    name = _LANGUAGE_ALIASES.get(name, name)
    return name if name in LANGUAGES else ""


class ColouredCode:
    """A listing and the styles of its text, as far as they were requested."""

    def __init__(self, text: str, info: str) -> None:
        self._text = text
        self._language = parse_language(info)
        self._spans = FlatSpans([0], [SpanStyle(Role.CODE)])
        self._can_go_on = bool(self._language) and _is_small_enough(text)
        """More tokens can be read."""
        self._tokens: Iterator[CodeToken] | None = None
        self._lexed_end = 0
        """The offset up to which tokens were read."""
        self._seconds_left = MAX_SECONDS

    def lex_until(self, offset: int) -> FlatSpans:
        """Return the spans of the text up to `offset`, and perhaps more."""
        if self._can_go_on and self._lexed_end < offset:
            try:
                self._can_go_on = self._lex_tokens(offset)
            except Exception:  # noqa: BLE001  a lexer may raise anything; plain code is better
                self._can_go_on = False
            if not self._can_go_on:
                self._append_span(self._lexed_end, Role.CODE)
        return self._spans

    def _lex_tokens(self, offset: int) -> bool:
        """Read tokens up to `offset`; return whether more can be read."""
        if self._tokens is None:
            self._tokens = _read_tokens(self._text, self._language)  # loads the lexer, untimed
        deadline = thread_time() + self._seconds_left
        for start, role, text in self._tokens:
            if start != self._lexed_end or not self._text.startswith(text, start):
                return False
            self._append_span(start, Role.CODE | role)
            self._lexed_end += len(text)
            self._seconds_left = deadline - thread_time()
            if self._lexed_end >= offset:
                return True
            if self._seconds_left < 0:
                return False
        return False

    def _append_span(self, start: int, roles: Role) -> None:
        starts, styles = self._spans
        if starts[-1] == start:
            styles[-1] = SpanStyle(roles)
        elif styles[-1].roles != roles:
            starts.append(start)
            styles.append(SpanStyle(roles))


def _is_small_enough(text: str) -> bool:
    return len(text) <= MAX_CHARACTERS and max(map(len, text.split("\n"))) <= MAX_LINE_CHARACTERS


def _read_tokens(text: str, language: str) -> Iterator[CodeToken]:
    """Load the lexer of `language`; return its tokens of `text`.

    They are the unprocessed ones: for the others, Pygments changes blank lines and line ends.
    """
    from pygments.lexers import get_lexer_by_name

    return _convert_tokens(get_lexer_by_name(language).get_tokens_unprocessed(text))


def _convert_tokens(tokens: Iterable[tuple[int, _TokenType, str]]) -> Iterator[CodeToken]:
    from pygments.token import Token

    roles = {
        Token: Role.PLAIN,
        Token.Comment: Role.COMMENT,
        Token.Comment.Preproc: Role.KEYWORD,
        Token.Keyword: Role.KEYWORD,
        Token.Operator.Word: Role.KEYWORD,
        Token.Literal.String: Role.STRING,
        Token.Literal.String.Doc: Role.COMMENT,
        Token.Literal.Number: Role.NUMBER,
        Token.Name.Class: Role.NAME,
        Token.Name.Decorator: Role.NAME,
        Token.Name.Function: Role.NAME,
        Token.Name.Tag: Role.NAME,
        Token.Generic.Deleted: Role.NUMBER,
        Token.Generic.Heading: Role.KEYWORD,
        Token.Generic.Inserted: Role.STRING,
        Token.Generic.Prompt: Role.COMMENT,
        Token.Generic.Subheading: Role.KEYWORD,
    }
    for start, token_type, text in tokens:
        listed: _TokenType = token_type
        while listed not in roles:
            listed = listed.parent
        roles[token_type] = roles[listed]
        yield CodeToken(start, roles[token_type], text)


def load_lexers(blocks: Iterable[Block]) -> None:
    """Load what colours the code among `blocks`, so that drawing it doesn't: 20 ms a language."""
    for language in {parse_language(block.language) for block in blocks if block.language}:
        if language:
            _read_tokens("", language)


def typeset_code(block: Block, measure: int) -> BlockLayout:
    """Preserve the text's own lines; mark the continuation of a line longer than the measure."""
    hang = len(CONTINUATION_PREFIX) if measure > 2 * len(CONTINUATION_PREFIX) else 0
    text = block.text
    starts: list[int] = []
    continued: set[int] = set()
    offset = 0
    for line in text.split("\n"):
        starts.append(offset)
        if len(line) > measure or not line.isascii():
            line_starts = cut_lines(line, measure, hang)[1:]
            continued.update(range(len(starts), len(starts) + len(line_starts)))
            starts += [offset + start for start in line_starts]
        offset += len(line) + 1
    ends = [*starts[1:], len(text)]
    coloured: ColouredCode | None = None

    def draw(index: int) -> Line:
        nonlocal coloured
        if coloured is None:
            coloured = ColouredCode(text, block.language)
        start, end = starts[index], ends[index]
        piece = text[start:end].rstrip("\n")
        prefix = CONTINUATION_PREFIX if index in continued and hang else ""
        room = max(0, measure - len(prefix) - count_cells(piece))
        flat = coloured.lex_until(start + len(piece))
        runs = [
            *slice_runs(text, flat, start, start + len(piece)),
            Run(" " * room, Role.CODE),
        ]
        if prefix:
            runs.insert(0, Run(prefix, Role.CODE | Role.MARKER))
        return Line(tuple(runs), start, end)

    return BlockLayout(starts, draw)
