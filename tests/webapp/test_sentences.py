"""What checks say, put into another language after it was filled with numbers and names."""

from __future__ import annotations

import pytest
from glasstorch_web.services.sentences import Sentences

TABLE = {
    "Your function changed `{1}`, which belongs to its caller.": "你的函数改动了 `{1}`，那是调用者的。",
    "{1} has shape {2}; it must have shape {3}.": "{1}的形状是 {2}，应当是 {3}。",
    "{1} is {2}; it must be {3}.": "{1}是 {2}，应当是{3}。",
    "an array of shape {1}": "形状为 {1} 的数组",
    "the gradient of `{1}`": "`{1}` 的梯度",
    "the result": "结果",
    "In two\n  lines: {1}.": "两行：{1}。",
    "Is it transposed?": "是不是转置了？",
    "Line {1} has no `return`.": "第 {1} 行没有 `return`。",
    "`{1}` and `{2}` differ, so `{1}` is wrong.": "`{2}` 与 `{1}` 不同，所以 `{1}` 错了。",
}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("", ""),
        ("Your function changed `x`, which belongs to its caller.", "你的函数改动了 `x`，那是调用者的。"),
        ("The result has shape (2, 3); it must have shape (3, 2).", "结果的形状是 (2, 3)，应当是 (3, 2)。"),
        (
            "The result has shape (2, 3); it must have shape (3, 2). Is it transposed?",
            "结果的形状是 (2, 3)，应当是 (3, 2)。是不是转置了？",
        ),
        (
            "The gradient of `w` is None; it must be an array of shape (2,). Line 3 has no `return`.",
            "`w` 的梯度是 None，应当是形状为 (2,) 的数组。第 3 行没有 `return`。",
        ),
        ("`a` and `b` differ, so `a` is wrong.", "`b` 与 `a` 不同，所以 `a` 错了。"),
        ("`a` and `b` differ, so `c` is wrong.", "`a` and `b` differ, so `c` is wrong."),
        ("Nobody knows this. Is it transposed?", "Nobody knows this. 是不是转置了？"),
        ("Nobody knows. The result is 3; it must be 4.", "Nobody knows. 结果是 3，应当是4。"),
        ("In two\n  lines: 7.", "两行：7。"),
        (
            "Is it transposed?\n  line 3, in f\n    return x\nAnd now?",
            "是不是转置了？\n  line 3, in f\n    return x\nAnd now?",
        ),
        ("ValueError: 1.5. is no number", "ValueError: 1.5. is no number"),
    ],
)  # fmt: skip
def test_said(english, chinese):
    assert Sentences([TABLE]).say(english) == chinese


def test_the_first_table_decides():
    assert Sentences([{"No.": "不是。"}, {"No.": "否。", "Yes.": "是。"}]).say("No. Yes.") == "不是。是。"


def test_without_tables_nothing_changes():
    assert Sentences([{}]).say("Is it transposed?") == "Is it transposed?"


def test_a_message_needs_words():
    with pytest.raises(ValueError, match="no words"):
        Sentences([{"{1} {2}": "{2}"}])
