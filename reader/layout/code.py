"""Find keywords, strings, comments, numbers and names in code."""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING, Final

from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.token import _TokenType

    from reader.layout.lines import FlatSpans

    _Tokens = Iterator[tuple[int, Role, str]]


MAX_CHARACTERS: Final = 8_000
"""Characters. A longer listing is plain: to show its end all of it has to be read."""
MAX_LINE_CHARACTERS: Final = 300
"""Characters. Longer ones nobody wrote, and the patterns of some lexers take their square."""
MAX_SECONDS: Final = 0.2
"""Seconds spent on one listing, five times what the longest takes. Then the rest is plain."""

LANGUAGES: Final = frozenset(
    [
        "ada",
        "apache",
        "applescript",
        "asm",
        "awk",
        "bash",
        "bat",
        "bibtex",
        "c",
        "clojure",
        "cmake",
        "cobol",
        "coffeescript",
        "common-lisp",
        "console",
        "cpp",
        "crystal",
        "csharp",
        "css",
        "d",
        "dart",
        "diff",
        "django",
        "docker",
        "elisp",
        "elixir",
        "elm",
        "erb",
        "erlang",
        "fish",
        "forth",
        "fortran",
        "fsharp",
        "gas",
        "gdscript",
        "glsl",
        "go",
        "graphql",
        "groovy",
        "hcl",
        "haskell",
        "html",
        "http",
        "idris",
        "ini",
        "java",
        "javascript",
        "jinja",
        "json",
        "json5",
        "jsx",
        "julia",
        "kotlin",
        "latex",
        "lean",
        "less",
        "liquid",
        "llvm",
        "lua",
        "make",
        "markdown",
        "mathematica",
        "mysql",
        "nasm",
        "nginx",
        "nim",
        "nix",
        "objective-c",
        "objective-c++",
        "octave",
        "pascal",
        "perl",
        "php",
        "postgresql",
        "powershell",
        "prolog",
        "protobuf",
        "purescript",
        "pycon",
        "pytb",
        "python",
        "r",
        "racket",
        "rst",
        "ruby",
        "rust",
        "sass",
        "scala",
        "scheme",
        "scss",
        "sed",
        "smalltalk",
        "solidity",
        "sql",
        "swift",
        "tcl",
        "terraform",
        "tex",
        "toml",
        "ts",
        "tsx",
        "typescript",
        "vbnet",
        "verilog",
        "vhdl",
        "vim",
        "vue",
        "xml",
        "yaml",
        "zig",
        "zsh",
    ]
)
"""The languages stories are about, of which no lexer was found to hang on hostile text of that
size; Pygments has hundreds more, and some do. A language that isn't here is plain."""
_LANGUAGE_ALIASES: Final = {
    "c#": "csharp", "c++": "cpp", "cs": "csharp", "dockerfile": "docker", "emacs-lisp": "elisp",
    "h": "c", "hs": "haskell", "js": "javascript", "kt": "kotlin", "lisp": "common-lisp",
    "makefile": "make", "md": "markdown", "objc": "objective-c", "patch": "diff", "pl": "perl",
    "ps1": "powershell", "py": "python", "python3": "python", "rb": "ruby", "rs": "rust",
    "sh": "bash", "shell": "bash", "terminal": "console", "tf": "terraform", "yml": "yaml",
}  # fmt: skip
_LANGUAGE_NAME: Final = re.compile(r"(?:lang(?:uage)?-)?([\w#+-]+)")


def parse_language(info: str) -> str:
    """Return the language that a fence's words name, if it is one that is coloured, else ``""."""
    found = _LANGUAGE_NAME.match(info.lower().lstrip("{. "))
    name = found[1] if found else ""
    name = _LANGUAGE_ALIASES.get(name, name)
    return name if name in LANGUAGES else ""


class ColouredCode:
    """A piece of code and the looks of its stretches, known as far as they were asked for."""

    def __init__(self, text: str, info: str) -> None:
        self._text = text
        self._spans: FlatSpans = ([0], [(Role.CODE, "")])
        self._lexed_end = 0
        """The offset up to which stretches are known."""
        self._seconds_left = MAX_SECONDS
        language = parse_language(info)
        self._tokens = _read_tokens(text, language) if language and _is_small_enough(text) else None

    def lex_until(self, offset: int) -> FlatSpans:
        """Return the stretches of the text up to `offset` at the least."""
        if self._tokens is not None and self._lexed_end < offset:
            begun = perf_counter()
            try:
                goes_on = self._lex_tokens(self._tokens, offset, begun + self._seconds_left)
            except Exception:  # noqa: BLE001  a hundred lexers, and a stranger's text
                goes_on = False
            if not goes_on:
                self._tokens = None
                self._append_span(self._lexed_end, Role.CODE)
            self._seconds_left -= perf_counter() - begun
        return self._spans

    def _lex_tokens(self, tokens: _Tokens, offset: int, deadline: float) -> bool:
        """Read on up to `offset`; tell whether there is a point in reading further."""
        for start, role, value in tokens:
            if start != self._lexed_end or not self._text.startswith(value, start):
                return False
            self._append_span(start, Role.CODE | role)
            self._lexed_end += len(value)
            if self._lexed_end >= offset:
                return True
            if perf_counter() > deadline:
                return False
        return False

    def _append_span(self, start: int, roles: Role) -> None:
        starts, looks = self._spans
        if starts[-1] == start:
            looks[-1] = (roles, "")
        elif looks[-1][0] != roles:
            starts.append(start)
            looks.append((roles, ""))


def _is_small_enough(text: str) -> bool:
    return len(text) <= MAX_CHARACTERS and max(map(len, text.split("\n"))) <= MAX_LINE_CHARACTERS


def _read_tokens(text: str, language: str) -> _Tokens:
    """Yield offset, role and text of each token: the raw ones, in which nothing is stripped."""
    from pygments.lexers import get_lexer_by_name
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
    lexer = get_lexer_by_name(language)
    for start, kind, value in lexer.get_tokens_unprocessed(text):
        token: _TokenType = kind
        while token not in roles:
            token = token.parent
        roles[kind] = roles[token]
        yield start, roles[kind], value
