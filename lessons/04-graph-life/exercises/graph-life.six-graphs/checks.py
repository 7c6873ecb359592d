from glasstorch_web.grader.checks import predicted


def check_a(box, rng, asked):
    wrong = {
        "[3, 3]": "That is the gradient of this tensor, but is it stored there? Is `w` still a leaf?",
        "[1, 1]": "The factor 3 counts; and more importantly: is `w` still a leaf?",
    }
    predicted(box, asked, "A", "None", wrong=wrong)


def check_b(box, rng, asked):
    wrong = {4: "That is one walk. The second one adds to what is there."}
    predicted(box, asked, "B", 8, wrong=wrong)


def check_c(box, rng, asked):
    wrong = {
        8: "This is the derivative with nothing detached.",
        4: "The detached factor of the first term is a constant: it gets no gradient of its own.",
        6: "`x.detach() ** 2` is a constant: its derivative is 0.",
    }
    predicted(box, asked, "C", 2, wrong=wrong)


def check_d(box, rng, asked):
    wrong = {"works": "What does sigmoid save for the way back, and what has become of it?"}
    predicted(box, asked, "D", "error", wrong=wrong)


def check_e(box, rng, asked):
    wrong = {6: "The path through `x * 5` was not recorded.", 5: "It is the other path that was recorded."}
    predicted(box, asked, "E", 1, wrong=wrong)


def check_f(box, rng, asked):
    wrong = {
        36: "This leaves the `+= 1` out: h * h is computed after it.",
        14: "This is the gradient of h. There is still the way from h to x.",
        12: "This leaves the `+= 1` out, and the way from h to x.",
        24: "This is the first number.",
    }
    predicted(box, asked, "F", 42, wrong=wrong)
