from glasstorch_web.grader.checks import predicted


def check_step(box, rng, asked):
    wrong = {
        0.1: "By call 25 the rate was halved only twice: at 10 and at 20.",
        0.4: "The rate is halved every ten calls, not once in all.",
    }
    predicted(box, asked, "step", 0.2, wrong=wrong)


def check_cosine(box, rng, asked):
    wrong = {
        0.0: "This would be the rate if the schedule were already at its end; it is only half of the way there.",
        0.1414: "cos(π/4) is for a quarter of the way; half of the way is cos(π/2).",
    }
    predicted(box, asked, "cosine", 0.1, wrong=wrong)


def check_warmup(box, rng, asked):
    wrong = {
        0.0333: "The rise does not start at 0: it starts at a tenth of lr.",
        0.03: "After 0 calls it is 0.01 already.",
    }
    predicted(box, asked, "warmup", 0.04, wrong=wrong)


def check_cycle(box, rng, asked):
    wrong = {0.0: "It does not sink and stay there: this would be a schedule that stays at 0 after its end."}
    predicted(box, asked, "cycle", 0.4, wrong=wrong)
