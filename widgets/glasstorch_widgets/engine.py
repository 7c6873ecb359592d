"""The engine as the views call it.

Its functions (`torch.add`, `torch.empty`, ...) are made when it is imported; who reads its source alone, as a type
checker does, finds only some of them.
"""

from __future__ import annotations

from typing import Any

import glasstorch

torch: Any = glasstorch
