"""The pages. Each works without scripts; scripts only make them quicker to use."""

from __future__ import annotations

from fastapi import APIRouter

from . import (
    exercises,
    join,
    lessons,
    login,
    map,
    me,
    preferences,
    review,
    submissions,
    tokens,
)

router = APIRouter(include_in_schema=False)
for area in (
    map,
    lessons,
    exercises,
    submissions,
    review,
    me,
    preferences,
    login,
    join,
    tokens,
):
    router.include_router(area.router)
