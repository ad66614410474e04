"""What runs for every change is right: workflows, hooks and forms are read, and say what the project declares."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install '.[test]'")

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = f"{PROJECT['name']}["
VERSIONS = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.fullmatch(r".* :: 3\.\d+", name)]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in GITHUB.glob("workflows/*.yml")}
JOBS = {f"{name}: {job}": told for name, workflow in WORKFLOWS.items() for job, told in workflow["jobs"].items()}
#: The package that brings a program.
BRINGS = {"build": "build", "mypy": "mypy", "pdoc": "pdoc", "pytest": "pytest", "ruff": "ruff"}
#: Options and the packages that know them.
OF_PLUGINS = {"--cov": "pytest-cov", "-n": "pytest-xdist"}


def brought(extras: list[str]) -> set[str]:
    """The packages of extras, and of those that they name."""
    found: set[str] = set()
    for extra in extras:
        for requirement in EXTRAS[extra]:
            if requirement.startswith(OWN):
                found |= brought(requirement.removeprefix(OWN).removesuffix("]").split(","))
            else:
                found.add(re.split(r"[\[<>=]", requirement)[0])
    return found


def commands(job: dict[str, Any]) -> Iterator[list[str]]:
    """The commands of a job, one after the other, in words."""
    for step in job["steps"]:
        assert {"run"} <= set(step) or {"uses"} <= set(step), step
        if "run" in step:
            yield from (shlex.split(line) for line in step["run"].splitlines())


@pytest.mark.parametrize("job", JOBS)
def test_a_job_runs_what_it_has_installed_on_what_is_there(job: str) -> None:
    packages: set[str] = set()
    for words in commands(JOBS[job]):
        if words[:2] == ["pip", "install"]:
            asked = [extra for word in words for extra in re.findall(r"^\.\[(.*)\]$", word)]
            assert len(asked) == 1, words
            packages |= brought(asked[0].split(","))
        else:
            program = words[words.index("-m") + 1] if words[0] == "python" else words[0]
            assert BRINGS[program] in packages, f"{job}: {program} is not installed before it is called"
            named = {package for option, package in OF_PLUGINS.items() if option in words}
            assert named <= packages, f"{job}: {words} needs {named - packages}"
        paths = [word for word in words if word.startswith("tests/")]
        assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends_and_uses_actions_of_a_version(job: str) -> None:
    told = JOBS[job]
    assert 0 < told["timeout-minutes"] <= 90
    used = [step["uses"] for step in told["steps"] if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v1)", action)] == []
    needed = told.get("needs", [])
    assert {needed} if isinstance(needed, str) else set(needed) <= {name.partition(": ")[2] for name in JOBS}


def test_every_python_and_system_declared_is_tested() -> None:
    matrix = JOBS["tests: tests"]["strategy"]["matrix"]
    assert matrix["python"] == VERSIONS
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert "Operating System :: OS Independent" in PROJECT["classifiers"]
    for told in JOBS.values():
        for step in told["steps"]:
            if step.get("uses", "").startswith("actions/setup-python"):
                assert step["with"]["python-version"] in (*VERSIONS, "${{ matrix.python }}")


def test_the_oldest_versions_are_tested_on_the_oldest_python() -> None:
    oldest = JOBS["tests: oldest"]
    assert ["pip", "install", "-c", "tests/oldest.txt", "-e", ".[test]"] in list(commands(oldest))
    (python,) = [step["with"]["python-version"] for step in oldest["steps"] if "python-version" in step.get("with", {})]
    assert f">={python}" == PROJECT["requires-python"]


def test_what_skips_without_torch_and_jax_runs_with_them() -> None:
    (run,) = [words for words in commands(JOBS["tests: tensors"]) if words[0] == "pytest"]
    skipping = {
        "tests/sampling" if path.parent.name == "sampling" else f"tests/{path.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"importorskip\(\"(torch|jax)\"", path.read_text(encoding="utf-8"))
    }
    assert skipping | {"tests/test_notebooks.py"} <= set(run)


def test_every_change_is_tried_and_nothing_else_is_allowed() -> None:
    # YAML 1.1 takes a bare "on" for true
    assert {"push", "pull_request"} <= set(WORKFLOWS["tests"][True])
    assert all(workflow["permissions"] == {"contents": "read"} for workflow in WORKFLOWS.values())
    assert [job for job, told in JOBS.items() if told.get("permissions")] == ["release: publish"]


def test_a_commit_meets_what_a_pull_request_does() -> None:
    """The hooks are local and call programs of the extra dev, and what the lint job calls is among them."""
    config = yaml.safe_load((GITHUB / "pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    entries = [shlex.split(hook["entry"]) for hook in hooks]
    assert {BRINGS[words[0]] for words in entries} | {"pre-commit"} <= brought(["dev"])
    assert {
        word for words in entries for word in words if word.startswith("tests/") and not (ROOT / word).exists()
    } == set()
    hooked = {words[1] if words[0] == "ruff" else words[0] for words in entries}
    linted = {words[1] if words[0:1] == ["ruff"] else words[0] for words in commands(JOBS["tests: lint"])}
    assert linted - {"pip"} <= hooked


@pytest.mark.parametrize("name", ["bug", "method", "question"])
def test_a_form_asks_for_what_is_needed(name: str) -> None:
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8"))
    assert {"name", "description", "labels", "body"} == set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"checkboxes", "dropdown", "input", "textarea"}
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    required = {field["id"] for field in fields if field.get("validations", {}).get("required")}
    assert required >= {"bug": {"command", "data", "output"}, "method": {"source"}, "question": {"question"}}[name]


def test_the_addresses_are_those_of_the_project() -> None:
    home = PROJECT["urls"]["Homepage"]
    assert all(address.startswith(home) for address in PROJECT["urls"].values())
    config = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8"))
    assert all(link["url"].startswith(home) for link in config["contact_links"])
    assert f'repository-code: "{home}"' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_package_is_what_is_covered() -> None:
    covered = PYPROJECT["tool"]["coverage"]
    assert covered["run"]["source"] == PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
