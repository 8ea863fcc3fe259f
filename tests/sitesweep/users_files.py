"""Files in the folder of a user who has configurations of their own."""

from __future__ import annotations

SWEEP = """\
name: mine
allocation: [A2]
structure: [C1, C2]
replications: 1
scale: [1]
alpha: [3]
"""

FILES = {
    "mine.yaml": SWEEP,
    "smoke.yaml": SWEEP,
    "größe 1.yaml": SWEEP,
    "inherits.yaml": "defaults: [paper, _self_]\nname: inherits\nalpha: [3]\n",
    "partial.yaml": "alpha: [3]\n",
    "typo.yaml": SWEEP + "alfa: [2]\n",
    "list.yaml": "- 1\n",
    "broken.yaml": "alpha: [1\nscale: {\n",
    "empty.yaml": "",
    "conf/sweep/theirs.yaml": SWEEP,
    "conf/sweep/paper.yaml": SWEEP,
    "conf/study.yaml": "defaults: [config, override sweep: theirs, _self_]\nseed: 3\n",
    "conf/config.yaml": "db: mysql\n",
}
"""What is in the user's folder: path -> text."""
