"""The pages. Each works without scripts; scripts only make them quicker to use."""

from __future__ import annotations

from fastapi import APIRouter

from . import (
    course_deadlines,
    course_exercises,
    course_gradebook,
    course_overview,
    course_people,
    course_person,
    course_service,
    course_similarity,
    course_submissions,
    elsewhere,
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
    course_overview,
    course_gradebook,
    course_exercises,
    course_submissions,
    course_similarity,
    course_people,
    course_person,
    course_deadlines,
    course_service,
    login,
    join,
    elsewhere,
    tokens,
):
    router.include_router(area.router)
