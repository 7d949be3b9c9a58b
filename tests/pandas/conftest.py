"""Tests of frames ask what is native: a fallback is an error, unless a test allows it."""

import warnings

import pytest

from tenfold import config
from tenfold.fallback import FallbackWarning


@pytest.fixture(autouse=True)
def _native():
    with config.set(strict=True):
        yield


@pytest.fixture
def _lenient(_native):
    """Fallbacks are allowed, and need not be told."""
    with config.set(strict=False), warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        yield
