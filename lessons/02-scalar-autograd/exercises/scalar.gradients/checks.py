from glasstorch_web.grader.checks import predicted


def check_f(box, rng, asked):
    wrong = {
        8: "This is f itself. The derivative of f ** 2 is 2 · f.",
        64: "This is the loss. How fast does it grow with f?",
        2: "This is the derivative of f ** 2 where f is 1; here f is 8.",
    }
    predicted(box, asked, "f", 16, wrong=wrong)


def check_e(box, rng, asked):
    wrong = {
        16: "A product does not pass the gradient on as it is: f grows by a for each unit of e.",
        2: "This is the local derivative; the gradient that arrives at f multiplies it.",
        64: "e gets the value of the other factor, a, and not its own.",
        18: "Local derivative and incoming gradient are multiplied, not added.",
    }
    predicted(box, asked, "e", 32, wrong=wrong)


def check_c(box, rng, asked):
    wrong = {
        1: "This is the local derivative of the addition; the gradient that arrives at e multiplies it.",
        320: "An addition hands nobody a value: it passes the gradient on as it is.",
        16: "Half: between c and f there is also the product with a.",
    }
    predicted(box, asked, "c", 32, wrong=wrong)


def check_b(box, rng, asked):
    wrong = {
        -96: "This would be the gradient of the other factor: b gets the value of a, and not its own.",
        32: "This is what arrives at d. The product d = a · b still has to be passed.",
        2: "This is the local derivative; the gradient that arrives at d multiplies it.",
    }
    predicted(box, asked, "b", 64, wrong=wrong)


def check_a(box, rng, asked):
    wrong = {
        64: "This is the direct way through f only. a also stands in d = a * b.",
        -96: "This is the way through d only. a also stands in f = e * a.",
        160: "The way through d is negative: it is multiplied by b, which is -3.",
        -6144: "Where ways meet, contributions are added, not multiplied.",
    }
    predicted(box, asked, "a", -32, wrong=wrong)
