import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, shape


def _samples(rng, widths, height=4, as_tensor=False):
    samples = []
    for width in widths:
        picture = rng.uniform(0.1, 1, size=(height, width)).astype("float32")
        picture[:, -1] = 0  # a white column at the end belongs to the picture
        label = int(rng.integers(0, 10))
        samples.append((picture, np.asarray(label) if as_tensor else label))
    return samples


def _collated(box, samples):
    got = box.call("collate", samples)
    if got is None:
        raise CheckFailed("`collate` returned None. Is a `return` missing?", got="None")
    if type(got) not in (tuple, list) or len(got) != 3:
        raise CheckFailed(
            "`collate` must return three things: the padded pictures, the mask, and the labels."
        )
    return got


def _padded(samples, side="right", to=None):
    widest = to or max(p.shape[1] for p, _ in samples)
    result = np.zeros((len(samples), samples[0][0].shape[0], widest), "float32")
    for row, (picture, _) in zip(result, samples):
        width = picture.shape[1]
        if side == "right":
            row[:, :width] = picture
        else:
            row[:, widest - width :] = picture
    return result


def _widths(rng, n=5):
    return [int(x) for x in rng.choice(np.arange(2, 12), size=n, replace=False)]


def check_padded(box, rng):
    samples = _samples(rng, _widths(rng))
    got = _collated(box, samples)[0]
    right = _padded(samples)
    if isinstance(got, np.ndarray) and got.ndim == 3 and got.shape[2] < right.shape[2]:
        raise CheckFailed(
            "The pictures were cut off: the batch must be as wide as its widest picture.",
            expected=right.shape[2],
            got=got.shape[2],
        )
    if isinstance(got, np.ndarray) and got.ndim == 3 and got.shape[2] > right.shape[2]:
        raise CheckFailed(
            "The batch is wider than its widest picture: pad to the widest of these samples, not "
            "of all that may come.",
            expected=right.shape[2],
            got=got.shape[2],
        )
    mistakes = {"The padding is on the left; it belongs on the right.": _padded(samples, "left")}
    close(got, right, what="the batch of padded pictures", mistakes=mistakes, dtype="float32")


def check_mask(box, rng):
    widths = _widths(rng)
    samples = _samples(rng, widths)
    got = _collated(box, samples)[1]
    right = np.arange(max(widths)) < np.array(widths)[:, None]
    shape(got, right.shape, "the mask")
    if got.dtype != np.bool_:
        raise CheckFailed(
            f"The mask has dtype {got.dtype}; it must be bool.",
            expected="bool",
            got=str(got.dtype),
            kind="dtype",
        )
    if np.array_equal(got, ~right):
        raise CheckFailed("The mask is True for padding. It must be True where the picture is.")
    if np.array_equal(got, np.arange(max(widths)) < np.array(widths)[:, None] - 1):
        raise CheckFailed(
            "The last column of each picture is missing: it is white, and belongs to the picture "
            "all the same. Make the mask "
            "of the widths, not of the ink."
        )
    if not np.array_equal(got, right):
        raise CheckFailed("The mask is wrong.", expected=right.sum(1).tolist(), got=got.sum(1).tolist())


def check_labels(box, rng):
    for as_tensor in (False, True):
        samples = _samples(rng, _widths(rng), as_tensor=as_tensor)
        got = _collated(box, samples)[2]
        right = np.array([int(label) for _, label in samples])
        if type(got) is list:
            raise CheckFailed("The labels came back as a list; they must be one tensor.", got="a list")
        close(got, right, what="the tensor of labels", dtype="int64")


def check_single(box, rng):
    for widths in ([int(rng.integers(2, 9))], [5, 5, 5]):
        samples = _samples(rng, widths, height=3)
        padded, mask, labels = _collated(box, samples)
        close(padded, _padded(samples))
        close(mask, np.ones((len(widths), max(widths)), bool))
        close(labels, np.array([label for _, label in samples]))
