import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _prepared(box, rng, n=20, seed=None):
    """Each label is the number of its original, so that every copy can be told."""
    pictures = rng.normal(rng.uniform(1, 3), 1, size=(n, 3, 3)) * rng.uniform(0.5, 2, size=(n, 1, 1))
    pictures = pictures.astype("float32")
    labels = rng.permutation(n)
    seed = int(rng.integers(0, 1000)) if seed is None else seed
    got = box.call("prepare", pictures, labels, seed)
    if got is None:
        raise CheckFailed("`prepare` returned None. Is a `return` missing?", got="None")
    try:
        (x_train, y_train), (x_test, y_test) = got
    except (TypeError, ValueError):
        raise CheckFailed(
            "`prepare` must return two pairs: (pictures, labels) to train with, and to test."
        ) from None
    for x, y in ((np.asarray(x_train), y_train), (np.asarray(x_test), y_test)):
        if x.shape != (np.size(y), 3, 3) or not np.size(y):
            raise CheckFailed(
                "Each part needs as many labels as it has pictures, and at least one.",
                got=[list(x.shape), int(np.size(y))],
            )
    by_label = {int(label): picture.astype(np.float64) for picture, label in zip(pictures, labels)}
    return by_label, np.asarray(x_train), list(map(int, y_train)), np.asarray(x_test), list(map(int, y_test))


def check_apart(box, rng):
    n = int(rng.integers(3, 6)) * 5
    by_label, x_train, y_train, x_test, y_test = _prepared(box, rng, n)
    both = set(y_train) & set(y_test)
    if both:
        raise CheckFailed(
            f"{len(both)} of {n} pictures are in both parts, as copies of each other: what is "
            f"learned by heart in training "
            "counts as foretold in the test. Split before you copy.",
            expected=0,
            got=len(both),
        )
    if len(set(y_train)) != 4 * n // 5 or len(set(y_test)) != n // 5:
        raise CheckFailed(
            "80 % of the original pictures are for training, and 20 % for the test, without exception.",
            expected=[4 * n // 5, n // 5],
            got=[len(set(y_train)), len(set(y_test))],
        )


def check_test(box, rng):
    n = int(rng.integers(3, 6)) * 5
    _, x_train, y_train, x_test, y_test = _prepared(box, rng, n)
    if len(y_test) != len(set(y_test)):
        raise CheckFailed(
            "The test part holds copies: each picture must occur once, as it is.",
            expected=n // 5,
            got=len(y_test),
        )
    if len(y_train) != 3 * len(set(y_train)):
        raise CheckFailed(
            "Each training picture must occur three times.", expected=3 * len(set(y_train)), got=len(y_train)
        )


def _normalized(by_label, numbers, mean, std):
    return np.stack([(by_label[k] - mean) / std for k in numbers])


def _sorted_copies(x, numbers):
    """The copies of each picture one after the other, by the spread of their values, dark ones first."""
    order = sorted(range(len(x)), key=lambda i: (numbers[i], np.abs(x[i]).sum()))
    return np.stack([x[i] for i in order])


def check_statistics(box, rng):
    by_label, x_train, y_train, x_test, y_test = _prepared(box, rng)
    if set(y_train) & set(y_test) or len(y_test) != len(set(y_test)):
        raise CheckFailed("First the split itself must be honest: see the other checks.")
    training = np.stack([by_label[k] for k in set(y_train)])
    everything, held = np.stack(list(by_label.values())), np.stack([by_label[k] for k in y_test])
    grown = np.concatenate([training * f for f in (0.8, 1.0, 1.2)])

    def of(part):
        return _normalized(by_label, y_test, part.mean(), part.std(ddof=1))

    mistakes = {
        "The mean and deviation are those of all pictures: the test part has had a say.": of(everything),
        "The test part is normalized by its own mean and deviation. It must get those of the training part.": of(
            held
        ),
        "The mean and deviation are those of the copies; measure the original training pictures.": of(grown),
        "The test part is not normalized at all.": held,
    }
    close(x_test, of(training), 1e-4, 1e-4, what="the test part", mistakes=mistakes)
    mean, std = training.mean(), training.std(ddof=1)
    numbers = sorted(set(y_train))
    one = _normalized(by_label, numbers, mean, std)
    right = np.stack([picture * f for picture in one for f in (0.8, 1.0, 1.2)])
    if len(x_train) != len(right):
        raise CheckFailed("The training part must hold three copies of each picture.", got=len(x_train))
    close(_sorted_copies(x_train, y_train), right, 1e-4, 1e-4, what="the training part (copies sorted)")


def check_seeded(box, rng):
    seed = int(rng.integers(0, 1000))
    parts = [tuple(_prepared(box, np.random.default_rng(5), 40, s)[4]) for s in (seed, seed, seed + 1)]
    if parts[0] != parts[1] or set(parts[0]) == set(parts[2]):
        raise CheckFailed("The split must depend on the seed alone.")
    by_label, *_, x_test, y_test = _prepared(box, rng, 10)
    if len(y_test) != 2 or len(x_test) != 2:
        raise CheckFailed("Two of ten are for the test.")
    ratio = np.ptp(x_test[0]) / np.ptp(by_label[y_test[0]])
    close(np.ptp(x_test[1]), ratio * np.ptp(by_label[y_test[1]]), 1e-3, 1e-4)
