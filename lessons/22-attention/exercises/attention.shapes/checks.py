from glasstorch_web.grader.checks import predicted


def check_weights(box, rng, asked):
    wrong = {
        (2, 5, 5): "This would be one table for each sample; every head has a table of its own.",
        (
            2,
            6,
            5,
            8,
        ): "This is the shape of the queries in their heads. A weight belongs to a pair of tokens.",
        (6, 5, 5): "Each of the 2 samples has its own tables.",
    }
    predicted(box, asked, "weights", (2, 6, 5, 5), wrong=wrong)


def check_out(box, rng, asked):
    wrong = {
        (2, 6, 5, 8): "The heads are put side by side again before the output layer.",
        (2, 48): "Every token gets an output of its own.",
    }
    predicted(box, asked, "out", (2, 5, 48), wrong=wrong)


def check_longer(box, rng, asked):
    predicted(
        box, asked, "longer", 4, wrong={2: "The table has twice as many rows and twice as many columns."}
    )


def check_parameters(box, rng, asked):
    message = "The layers act on one token at a time: nothing in them depends on how many there are."
    predicted(box, asked, "parameters", 1, wrong={2: message, 4: message})


def check_first(box, rng, asked):
    wrong = {
        0: "Token 0 may look at itself, and at nothing else.",
        0.2: "Four of the five are masked for token 0, and the rest must add up to 1.",
    }
    predicted(box, asked, "first", 1, wrong=wrong)


def check_zeros(box, rng, asked):
    wrong = {
        0: "The scores are 0, not the weights: softmax comes in between.",
        1: "The weights of a row add up to 1.",
    }
    predicted(box, asked, "zeros", 0.2, wrong=wrong)
