"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("hanmill", deadline=None)
settings.load_profile("hanmill")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real dumps, archives and gold sets beside the checkout; tests that need them are skipped without."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"REAL DATA MISSING: {SHARED_DATA} is not there, so this test on real files did not run")
    return SHARED_DATA


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly at the end when tests on real files could not run."""
    if not SHARED_DATA.is_dir():
        terminalreporter.write_sep("!", "tests on real files were SKIPPED: no ../shared/data", red=True)
