# ruff: noqa: F401
import bisect
import collections
import contextlib
import copy
import enum
import fractions
import functools
import hashlib
import heapq
import io
import json
import logging
import math
import operator
import os
import pathlib
import pickle
import pprint
import random
import re
import statistics
import string
import sys
import textwrap
import traceback
import typing
import warnings


def answer():
    return math.isclose(math.pi, 3.14159, rel_tol=1e-5) and os.path.join("a", "b") == "a/b"
