import logging
import warnings

logging.basicConfig(level=logging.INFO)


def answer():
    logging.getLogger(__name__).info("step %d", 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)
    return len(caught) == 1
