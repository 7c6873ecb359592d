from glasstorch_web.grader.checks import predicted


def check_patient_a(box, rng, asked):
    wrong = {
        "healthy": "The activations look healthy, but sigmoid's always do. Look at the gradients.",
        "dead": "Dead units are a disease of ReLU, and give gradients of exactly zero. These are small.",
    }
    predicted(box, asked, "A", "vanishing", wrong=wrong)


def check_patient_b(box, rng, asked):
    wrong = {"vanishing": "No: the first layer's gradient is as large as the last one's."}
    predicted(box, asked, "B", "healthy", wrong=wrong)


def check_patient_c(box, rng, asked):
    wrong = {"healthy": "A healthy network's loss is not NaN after two steps. Look how the activations grow."}
    predicted(box, asked, "C", "exploding", wrong=wrong)


def check_patient_d(box, rng, asked):
    wrong = {
        "vanishing": "Vanishing gradients are small. These are exactly zero: nothing gets through at all."
    }
    predicted(box, asked, "D", "dead", wrong=wrong)


def check_patient_e(box, rng, asked):
    wrong = {"healthy": "Each layer's size is in order. But units that change in step are all the same unit."}
    predicted(box, asked, "E", "alike", wrong=wrong)
