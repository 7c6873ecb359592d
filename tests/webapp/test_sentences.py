"""What checks say, put into another language after it was filled with numbers and names."""

from __future__ import annotations

import pytest
from glasstorch_web.services.sentences import Sentences, english_in

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
    "  line {1}, in {2}": "  第 {1} 行，在 {2} 中",
    "Stopped after {1} s;": "{1} 秒后停止；",
    "your loop at line {1} was running:": "第 {1} 行的循环在运行：",
    "softplus": "softplus 的值",
    "a {1}": "{1}",
    "a list": "列表",
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
        ("Nobody knows. The result is 3; it must be 4.", "Nobody knows. 结果是 3，应当是 4。"),
        ("In two\n  lines: 7.", "两行：7。"),
        (
            "Is it transposed?\n  line 3, in f\n    return x\nAnd now?",
            "是不是转置了？\n  第 3 行，在 f 中\n    return x\nAnd now?",
        ),
        (
            "Stopped after 2 s; your loop at line 3 was running:\n    while True: a = 1",
            "2 秒后停止；第 3 行的循环在运行：\n    while True: a = 1",
        ),
        ("The result is a list; it must be a Net.", "结果是列表，应当是 Net。"),
        ("Softplus is 2; it must be 3.", "softplus 的值是 2，应当是 3。"),
        ("Your function changed `变量`, which belongs to its caller.", "你的函数改动了 `变量`，那是调用者的。"),
        ("Your function changed `softplus`, which belongs to its caller.", "你的函数改动了 `softplus`，那是调用者的。"),
        ("an array of shape (2, 3)", "形状为 (2, 3) 的数组"),
        ("The gradient of `w` is it; it must be a bird of prey.", "`w` 的梯度是 it，应当是 a bird of prey。"),
        ("A bird: is it transposed?", "A bird: is it transposed?"),
        ("ValueError: 1.5. is no number", "ValueError: 1.5. is no number"),
    ],
)  # fmt: skip
def test_said(english, chinese):
    assert Sentences([TABLE]).say(english) == chinese


def test_what_learners_write_takes_no_long_time():
    sentences = Sentences(
        [
            {
                "{1}: got {2}, {3}; {4} of {5} are off, by {6} at {7} ({8} %).": "{1}",
                "the gradient of {1}": "{1} 的梯度",
            }
        ]
    )
    for text in ("a: got , ; of are off, by at ( %)" * 60, "the gradient of " * 120, "a: got a, a; " * 150):
        assert sentences.say(text)


def test_the_first_table_decides():
    assert Sentences([{"No.": "不是。"}, {"No.": "否。", "Yes.": "是。"}]).say("No. Yes.") == "不是。是。"


def test_without_tables_nothing_changes():
    assert Sentences([{}]).say("Is it transposed?") == "Is it transposed?"


def test_a_message_needs_words():
    with pytest.raises(ValueError, match="no words"):
        Sentences([{"{1} {2}": "{2}"}])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("结果是 3，应当是 4。", []),
        ("The weights 是 None，应当是一个数。", ["The weights"]),
        ("结果不对。 Nobody knows `x y`. 是不是转置了？", ["Nobody knows `x y`."]),
        ("RuntimeError: no such thing\n  third line of code\n你好", []),
        ("第 5 行 SyntaxError：expected an indented block", []),
        ("结果是 'two words'，Python 和 `a b` 是对的。", []),
    ],
)
def test_english_that_is_left_is_found(text, left):
    assert english_in(text) == left


def test_english_that_a_translation_says_itself_is_not_left():
    sentences = Sentences([{"Put the state into {1}.": "请把 state dict 放进 {1}。"}])
    assert sentences.left(sentences.say("Put the state into `a`.")) == []
    assert sentences.left(sentences.say("Put the state into the file.")) == ["the file"]
