# SPDX-License-Identifier: GPL-2.0
"""Sequences of commands, by what they are about."""
from . import basic, crypto, hierarchies, migration, nv, objects, policies, sessions  # noqa: F401
