"""Boilerplate: lines that belong to the frame of a page, such as buttons, menus and counts.

They are recognised by their words alone. `Copied` says which of the weak ones stand beside others.
"""

from __future__ import annotations

import re
from typing import Final

_COUNT: Final = re.compile(r"[\d.,]+\s?[kKmM]?|--|—|–|·|•|\||[+-]")
_WEAK_BOILERPLATE: Final = re.compile(
    r"tweet|pin it|write|search|sitemap|home|about(?: us)?|help|status|careers|press|blog|privacy|rules|terms|listen|share"
    r"|more|save|upgrade|tweet|reply|like|menu|close|contact(?: us)?|popular|latest|notifications|lists|stories"
    r"|notes|email|in|by|facebook|twitter|x|instagram|linkedin|pinterest|reddit|whatsapp|youtube|print|next|previous"
    r"|bluesky|mastodon|threads|archive|published|respond|cancel|topics?|newsletters?|subscribe",
    re.IGNORECASE,
)
"""Lines that are boilerplate beside other boilerplate. Elsewhere they may be a line of verse."""
_BOILERPLATE: Final = re.compile(
    r"open in app|get (?:the )?app|(?:sign|log) ?(?:up|in)(?: / sign ?(?:up|in))?|sign ?in subscribe|subscribesign in"
    r"|text to speech|follow(?:ing)?|follow(?: publication|following)|subscribed?|skip to (?:main |the )?content"
    r"|site navigation|member-only story|top highlight|press enter or click to view image in full size"
    r"|share (?:on|by|via|to) \w+|share this(?: article| post| story| page)?:?|share article|view comments|copy link"
    r"|get unlimited access|become (?:a )?member|recommendrecommended|bookmarkbookmarked(?:sharemore)?"
    r"|featured(?:closepublish changes)?|blog home|(?:next|previous) (?:story|post|article)|published in"
    r"|top story - \w+ \d{4}|\w[\w ]{0,30} logo|ready to publish\?|remember me for faster sign in"
    r"|join medium for free to get updates from this writer\.?|get .{1,60} stories in your inbox"
    r"|change the story.s title, subtitle, and visibility as needed|the author chose to make this story unlisted.*"
    r"|advertisement|advertising|article continues below.*|story continues below.*|continue reading"
    r"|.{1,60}.s avatar|user.s avatar|expand full comment|copied!?|link copied!?|(?:the )?link has been copied.{0,20}"
    r"|jump to (?:the list|chapter|section|comments|recipe|content)|(?:pin|print|save) (?:this )?recipe|email thisblogthis!.*|back to (?:top|overview|blog)|read more|learn more|view more|see all"
    r"|enter your email.{0,30}|email address|type your email…?|sign up (?:now|for more .{0,30}|for (?:our|a|the) newsletter.{0,30})"
    r"|reader-supported publication|verified expert|loading\.{0,3}|play video|watch video|toggle .{1,30}|close search"
    r"|show (?:more|less)|table of contents?|(?:posted|published|written|updated) (?:on|by|at):?|reading time:?"
    r"|upgrade to paid|pledge your support|give a gift subscription|skip past .{3,40}|after newsletter promotion"
    r"|sign up to .{2,40}[^.!?]|privacy notice:.*|from wikipedia, .{5,40}|↑ top|(?:current )?(?:mood|music|location): ?.{0,60}"
    r"|∙ paid|\d+ (?:likes?|claps?|comments?|shares?|views?)|download (?:app|pdf)|scroll down|swipe|tap to zoom",
    re.IGNORECASE,
)
_CRUMBS: Final = re.compile(r"home(?:\s*[»›>/]\s*[^.!?»›>/]{1,60}){1,6}", re.IGNORECASE)
"""The path to a page, such as `Home » Essays » Rain`."""
_FOOTER: Final = re.compile(
    r"©.*|copyright\b.*|.*\ball rights reserved\b.*|(?:privacy|cookie)s?(?: policy| settings| preferences)"
    r"|terms (?:of|and|&) .{2,20}|powered by .{2,40}|back to top|.{0,40} · privacy ∙ terms.*"
    r"|follow us(?: on)?.{0,20}|connect with us|get the app|start your substack.*|accept (?:all )?cookies",
    re.IGNORECASE,
)
"""Lines that stand in the footer of a page."""


def is_boilerplate(text: str) -> bool:
    """Return whether a line is boilerplate wherever it stands, such as a button."""
    return len(text) < 200 and bool(_BOILERPLATE.fullmatch(text) or _CRUMBS.fullmatch(text))


def is_weak_boilerplate(text: str) -> bool:
    """Return whether a line is boilerplate beside other boilerplate, such as `Share`."""
    return bool(_WEAK_BOILERPLATE.fullmatch(text)) or is_count(text)


def is_footer(text: str) -> bool:
    """Return whether a line belongs to the footer of a page."""
    return len(text) < 300 and bool(_FOOTER.fullmatch(text))


def is_count(text: str) -> bool:
    """Return whether a line is a bare number, as of claps or comments, or a dash."""
    return bool(_COUNT.fullmatch(text))
