"""The tools from npm: pinned to the last one, checked before they are unpacked, fetched once."""

import base64
import hashlib
import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import node_tools

LINE = re.compile(r"(/?node_modules(/@[a-z0-9-]+)?/[\w.-]+)+ \d[\w.+-]* sha512-[A-Za-z0-9+/]{86}==")

Publish = Callable[[str, str], str]


def test_each_tool_and_all_that_it_needs_is_pinned_with_its_hash_and_without_an_address() -> None:
    lines = node_tools.PINS.read_text().splitlines()
    assert lines == sorted(lines)
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    pinned = {f"{pin.name}@{pin.version}" for pin in node_tools.read(node_tools.PINS)}
    assert set(node_tools.WANTED) <= pinned


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Have a npm that fetches from a folder; publishing a file there returns its hash."""
    shop = tmp_path / "shop"
    shop.mkdir()
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho x >>{tmp_path}/runs\ncp {shop}/* .\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    def published(file: str, text: str) -> str:
        data = text.encode()
        with tarfile.open(shop / file, "w:gz") as archive:
            member = tarfile.TarInfo("whatever/index.js")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        digest = hashlib.sha512((shop / file).read_bytes()).digest()
        return "sha512-" + base64.b64encode(digest).decode()

    return published


def test_packages_are_put_where_they_are_looked_for_and_fetched_once(
    tmp_path: Path, publish: Publish
) -> None:
    pins, tools = tmp_path / "npm.txt", tmp_path / "tools"
    inner = publish("at-inner-2.0.0.tgz", "inner")
    outer = publish("outer-1.0.0.tgz", "outer")
    pins.write_text(
        f"node_modules/outer 1.0.0 {outer}\n"
        f"node_modules/outer/node_modules/@at/inner 2.0.0 {inner}\n"
    )
    (tools / "node_modules" / "former").mkdir(parents=True)
    node_tools.fetch(pins, tools)
    node_tools.fetch(pins, tools)
    assert (tools / "node_modules/outer/index.js").read_text() == "outer"
    assert (tools / "node_modules/outer/node_modules/@at/inner/index.js").read_text() == "inner"
    assert not (tools / "node_modules" / "former").exists()
    assert (tmp_path / "runs").read_text() == "x\n"


def test_nothing_is_unpacked_where_one_package_is_not_the_pinned_one(
    tmp_path: Path, publish: Publish
) -> None:
    pins, tools = tmp_path / "npm.txt", tmp_path / "tools"
    good = publish("good-1.0.0.tgz", "good")
    publish("bad-1.0.0.tgz", "bad")
    pins.write_text(f"node_modules/good 1.0.0 {good}\nnode_modules/bad 1.0.0 {good}\n")
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"^bad 1\.0\.0 is not what"):
            node_tools.fetch(pins, tools)
    assert not (tools / "node_modules").exists()


def test_a_failure_of_npm_is_told(tmp_path: Path, publish: Publish) -> None:
    pins = tmp_path / "npm.txt"
    pins.write_text(f"node_modules/good 1.0.0 {publish('good-1.0.0.tgz', 'good')}\n")
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(SystemExit, match="npm could not fetch the tools"):
        node_tools.fetch(pins, tmp_path / "tools")
