"""Measures of what a document says of its own use."""

from __future__ import annotations

import re

from hanmill.pipelines.clean.measures.registry import Page, rule

_PARTS = re.compile(r"[^A-Za-z0-9]+")


@rule("opted_out@1")
def opted_out(page: Page) -> float:
    """1 where the page or its server refuses use for training, else 0."""
    return float(page.document.opt_out is True)


@rule("licence_missing@1")
def licence_missing(page: Page) -> float:
    """1 where neither the page nor its source names a licence, else 0."""
    return float(not page.document.licence.strip())


@rule("licence_non_commercial@1")
def licence_non_commercial(page: Page) -> float:
    """1 where the licence has a part NC (CC BY-NC 4.0, cc-by-nc-sa-3.0), else 0."""
    return float("NC" in _parts(page.document.licence))


@rule("licence_no_derivatives@1")
def licence_no_derivatives(page: Page) -> float:
    """1 where the licence has a part ND (CC BY-ND 4.0), else 0."""
    return float("ND" in _parts(page.document.licence))


def _parts(licence: str) -> set[str]:
    return set(_PARTS.split(licence.upper()))
