"""A course of many lessons, written for a test: texts, questions, a picture, exercises of several kinds."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from support.service import EXERCISES

TITLES = [
    *(
        "Tensors and views",
        "Autograd by hand",
        "Modules and parameters",
        "Optimizers",
        "Convolutions and what they see",
    ),
    *("Normalisation", "Residual networks", "Recurrent networks", "Attention", "A small transformer"),
    *(
        "Tokens and text",
        "Image augmentation",
        "Transfer learning",
        "Mixed precision",
        "Distributed training",
    ),
    *("Profiling", "Generative models", "Diffusion", "Reinforcement learning", "A project of your own"),
]
PIXEL = base64.b64decode(  # one orange pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mO4u9D3PwAG3AKvyGhHsAAAAABJRU5ErkJggg=="
)
TEXT = """# %% [markdown] name="title"
# # {title}
#
# What happens inside {lower}, seen number by number: you will predict, look, and write the missing piece yourself.
#
# ![one orange pixel](pixel.png)

# %% [markdown] name="one"
# ## First look
#
# The mean of $x_i$ is $\\frac{{1}}{{n}} \\sum_i x_i$. <script>document.title = "broken"</script>

# %% name="code"
import glasstorch as torch

x = torch.tensor([1.0, 2.0])  # two numbers

# %% name="question" jupyter={{"source_hidden": true}}
predict("What is the sum?", ["2", "3"], answer="3", explain="1 + 2 is 3.")

# %% [markdown] name="two"
# ## Now you
#
# See [the lesson before](../{before}/{before}.ipynb).

# %% name="exercise"
# @exercise {exercise}
def backward(x, w, dy): ...
# @end

# %% name="check"
exercise("{exercise}")
"""
CARDS = """
[[card]]
id = "sum"
question = "What is $1 + 2$?"
answer = "**3.**"
exercise = "{exercise}"
zh.question = "$1 + 2$ 是多少？"
zh.answer = "**3。**"

[[card]]
id = "product"
question = "What is `2 * 3`?"
answer = "6"
"""


def make_course(folder: Path, lessons: int = len(TITLES)) -> Path:
    """Write this many lessons below the folder: each with a text and two exercises; the second has a prediction too."""
    from glasstorch_web.grader.authoring.new import create

    original = EXERCISES / "01-service/exercises/service.weighted-square"
    before = ""
    for number, title in enumerate(TITLES[:lessons], 1):
        slug = f"{number:02}-{title.lower().replace(' ', '-')}"
        lesson = folder / slug
        for kind in ("formula", "again"):
            name = f"l{number:02}.{kind}"
            copy = lesson / "exercises" / name
            shutil.copytree(original, copy)
            about = (copy / "exercise.toml").read_text("utf-8")
            about = about.replace("service.weighted-square", name)
            about = about.replace("The gradient of a weighted square", f"{title}: {kind}")
            (copy / "exercise.toml").write_text(about, "utf-8")
        text = TEXT.format(
            title=title, lower=title.lower(), before=before or slug, exercise=f"l{number:02}.formula"
        )
        (lesson / f"{slug}.py").write_text(text, "utf-8")
        (lesson / "pixel.png").write_bytes(PIXEL)
        (lesson / "reviews.toml").write_text(CARDS.format(exercise=f"l{number:02}.formula"), "utf-8")
        if number == 2:
            create(folder, slug, "l02.predict", "prediction")
        before = slug
    return folder
