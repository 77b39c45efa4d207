"""The clusters that the tests of this folder share lie beside it, under a name of their own."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
