"""The public names: one list, all of them importable, all of them documented."""

from __future__ import annotations

import ast
import inspect
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

import mmclassic

HOMES = mmclassic._HOMES
# What a folder offers to higher layers, or as a pure function, but not to everyone.
FOR_HIGHER_LAYERS = {
    "mmclassic.inspection": {"ablate", "shapley", "values_by_subset"},
    "mmclassic.image": {"color_histogram", "hog"},
    "mmclassic.media": {"decode_audio", "decode_image", "decode_text", "default_cache_path"},
}
# scikit-learn's own words say what these take; one line is enough.
KNOWN_METHODS = {"fit_transform", "get_feature_names_out", "get_metadata_routing", "get_params"}
NEEDS_NO_EXAMPLE = (Warning, Exception)


def sections_of(thing: object) -> dict[str, str]:
    """Text of each section of a numpydoc docstring, by its title."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and following and set(following) == {"-"} and len(following) >= 3:
            current = line.strip()
            sections[current] = []
        else:
            sections[current].append(line)
    return {title: "\n".join(body) for title, body in sections.items()}


def documented_names(section: str) -> set[str]:
    """Names before the colons of a Parameters section; several share a line with commas."""
    names: set[str] = set()
    for line in section.splitlines():
        if line and not line[0].isspace() and set(line) != {"-"}:
            names |= {name.strip().lstrip("*") for name in line.partition(" : ")[0].split(",")}
    return names


def parameters_of(thing: object) -> set[str]:
    return set(inspect.signature(thing).parameters) - {"self"}


def is_a_problem(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, NEEDS_NO_EXAMPLE)


PUBLIC = [pytest.param(name, id=name) for name in HOMES]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_can_be_imported_from_the_top(name):
    namespace: dict = {}
    exec(f"from mmclassic import {name}", namespace)
    assert namespace[name] is getattr(import_module(HOMES[name]), name)


def test_all_is_what_is_there():
    assert set(mmclassic.__all__) == {*HOMES, "__version__"}
    assert len(mmclassic.__all__) == len(set(mmclassic.__all__))
    assert set(dir(mmclassic)) == {*mmclassic.__all__, *mmclassic._ROOMS}
    for name in dir(mmclassic):
        assert getattr(mmclassic, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'MFCCvectorizer'"):
        _ = mmclassic.MFCCvectorizer


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(mmclassic.__file__).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.asname: node.module for node in block.body for alias in node.names}
    assert seen == HOMES


@pytest.mark.parametrize("home", sorted(set(HOMES.values()) - {"mmclassic._errors"}))
def test_each_folder_lists_its_names(home):
    module = import_module(home)
    public = {name for name in HOMES if HOMES[name] == home}
    assert public <= set(module.__all__)
    assert set(module.__all__) - public <= FOR_HIGHER_LAYERS.get(home, set())
    assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_is_documented(name):
    thing = getattr(mmclassic, name)
    sections = sections_of(thing)
    assert sections[""].strip(), "no summary"
    if is_dataclass(thing) and "Parameters" not in sections:
        documented = documented_names(sections["Attributes"])  # records: fields are both
    else:
        documented = documented_names(sections.get("Parameters", ""))
    if not (inspect.isclass(thing) and issubclass(thing, Warning)):
        assert documented == parameters_of(thing)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_has_an_example_that_runs(name):
    thing = getattr(mmclassic, name)
    if is_a_problem(thing):
        return
    assert ">>> " in sections_of(thing).get("Examples", "")


@pytest.mark.parametrize("name", PUBLIC)
def test_public_methods_are_documented(name):
    thing = getattr(mmclassic, name)
    if not inspect.isclass(thing):
        return
    for method_name, method in vars(thing).items():
        if inspect.isfunction(method) and not method_name.startswith("_"):
            sections = sections_of(method)
            assert sections[""].strip(), f"{name}.{method_name} has no summary"
            if method_name in KNOWN_METHODS and "Parameters" not in sections:
                continue
            documented = documented_names(sections.get("Parameters", ""))
            assert parameters_of(method) <= documented, f"{name}.{method_name}"


def test_the_docstring_reader_reads():
    def example(a, b, *, c=1):
        """Summary.

        Parameters
        ----------
        a, b : int
            Two.
        c : int, default=1

        Returns
        -------
        nothing : None
        """

    sections = sections_of(example)
    assert list(sections) == ["", "Parameters", "Returns"]
    assert documented_names(sections["Parameters"]) == {"a", "b", "c"} == parameters_of(example)
    assert documented_names("a : int\n") != parameters_of(example)
