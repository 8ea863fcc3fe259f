"""Builds the wheel: pyproject.toml declares everything except copies of conf/ and the lock file.

In a clone, conf/ is at the top level, where readers expect it. A wheel must not install a top-level
folder of that name, so its files go into the package that reads them.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithConfiguration(build_py):
    """Copies conf/ to pipeline/config/conf/ in the wheel."""

    def run(self) -> None:
        """Build the packages, then copy conf/ to the folder of pipeline/config/files.py."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "pipeline", "config")
            self.copy_tree("conf", str(target / "conf"))
            self.copy_file("requirements.lock", str(target / "requirements.lock"))


setup(cmdclass={"build_py": BuildWithConfiguration})
