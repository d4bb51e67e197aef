"""Parse the style sheets of Textual and of the app once, not for every test that runs an app.

That is a fifth of what such a test costs. Rules are never changed after they were parsed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.css.stylesheet import Stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.css.model import RuleSet
    from textual.css.types import CSSLocation


@contextmanager
def kept_rules() -> Iterator[None]:
    """Keep the rules that are parsed meanwhile, for all apps."""
    parse_rules = Stylesheet._parse_rules  # noqa: SLF001  Textual has no cache for several apps
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(  # noqa: PLR0917  the parameters of Textual's method
        self: Stylesheet,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        variables = tuple(self._variables.items())
        key = (css, read_from, is_default_rules, tie_breaker, scope, variables)
        if key not in parsed:
            parsed[key] = parse_rules(self, css, read_from, is_default_rules, tie_breaker, scope)
        return parsed[key]

    Stylesheet._parse_rules = parse_once  # type: ignore[method-assign]  # noqa: SLF001  see above
    try:
        yield
    finally:
        Stylesheet._parse_rules = parse_rules  # type: ignore[method-assign]  # noqa: SLF001
