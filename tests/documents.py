"""The documents of the repository, as the tests that run them read them."""

from __future__ import annotations

import doctest
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Document:
    """One page of Markdown: its blocks of code, commands, headings and links."""

    name: str
    #: Whether each block of Python stands alone after the first, which has the imports.
    alone: bool = False

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Kind and text of each block."""
        return re.findall(r"^```(\w*)\n(.*?)^```$", self.text, flags=re.MULTILINE | re.DOTALL)

    @property
    def commands(self) -> list[str]:
        """Each command, with what it is shown to print."""
        return [
            step for kind, text in self.blocks if kind == "console" for step in re.split(r"^\$ ", text, flags=re.M)[1:]
        ]

    def python(self, *, torch: bool = False) -> list[str]:
        """Blocks of Python; those that need PyTorch apart, after the first, which has the imports."""
        blocks = [text for kind, text in self.blocks if kind == "python"]
        needing = [text for text in blocks if "import torch" in text]
        return [*blocks[:1], *needing] if torch and needing else [text for text in blocks if text not in needing]

    def example(self, *, torch: bool = False) -> doctest.DocTest:
        """The dialogues, with the answers they show; those that need PyTorch apart, after the imports of the others."""
        dialogues = [text for kind, text in self.blocks if kind == "pycon"]
        imports = "".join(re.findall(r"^>>> import evstats.*\n", "".join(dialogues), flags=re.MULTILINE))
        shown = "".join(text for text in dialogues if ("import torch" in text) is torch)
        return doctest.DocTestParser().get_doctest(imports * torch + shown, {}, self.name, str(self.path), 0)

    def typed(self) -> str:
        """All of its Python but that of PyTorch as one program."""
        return "".join(self.python()) + "".join(step.source for step in self.example().examples)

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @property
    def targets(self) -> list[str]:
        """What its links and pictures point to, other than on the network."""
        return re.findall(r"\]\((?!https?:)([^)]+)\)", self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """Its headings as they are linked to."""
        headings = re.findall(r"^#+ (.*)$", self.prose, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


DOCUMENTS = (
    Document("README.md"),
    Document("notebooks/GUIDE.md", alone=True),
    Document("notebooks/README.md"),
    Document("data/README.md"),
    Document("tests/README.md"),
    Document("evstats/README.md"),
    Document(".github/CONTRIBUTING.md"),
)
README, GUIDE, *_ = DOCUMENTS
BY_NAME = {document.name: document for document in DOCUMENTS}
