"""The pages. Each works without scripts; scripts only make them quicker to use."""

from __future__ import annotations

from fastapi import APIRouter

from . import exercises, lessons, map, me, preferences, review, submissions

router = APIRouter(include_in_schema=False)
for area in (map, lessons, exercises, submissions, review, me, preferences):
    router.include_router(area.router)
