"""What the documentation takes from the code, so that it cannot be forgotten."""

import ast
from pathlib import Path, PurePosixPath

_SOURCE = Path(__file__).resolve().parents[1] / "src"
_MARK = "<!-- every public module -->"
_DOCS = Path(__file__).resolve().parent
_ORDER = {  # what is not named here comes after, and is never forgotten
    "Start": ["tutorial", "desk", "cron", "notebook"],
    "At work": ["aid", "report", "media", "webhooks", "listening", "plugins"],
}


def on_config(config: dict[str, object]) -> dict[str, object]:
    """Order the pages: named ones first, then the platforms, then the rest (a hook of mkdocs)."""
    pages = {path.relative_to(_DOCS).as_posix() for path in _DOCS.rglob("*.md")}
    nav: list[object] = ["index.md"]
    for title, names in _ORDER.items():
        nav.append({title: [name for each in names if (name := f"{each}.md") in pages]})
    named = {"index.md", *(f"{each}.md" for names in _ORDER.values() for each in names)}
    for title, folder in (("Platforms", "platforms"), ("More", "."), ("Decisions", "decisions")):
        rest = sorted(each for each in pages - named if str(PurePosixPath(each).parent) == folder)
        rest.sort(key=lambda each: not each.endswith("index.md"))
        nav += [{title: rest}] if rest else []
    nav.append({"Bahasa Indonesia": [page for page in sorted(pages) if page.startswith("id/")]})
    config["nav"] = nav
    return config


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put one section per public module where a page asks for them (a hook of mkdocs)."""
    if _MARK not in markdown:
        return markdown
    sections = [f"## `{name}`\n\n::: {name}\n" for name in public_modules()]
    return markdown.replace(_MARK, "\n".join(sections))


def public_modules() -> list[str]:
    """Name every module that has `__all__` and no underscore in its path."""
    found = []
    for path in sorted(_SOURCE.rglob("*.py")):
        parts = path.relative_to(_SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not any(part.startswith("_") for part in name.split(".")) and _has_all(path):
            found.append(name)
    return found


def _has_all(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
        for node in tree.body
    )
