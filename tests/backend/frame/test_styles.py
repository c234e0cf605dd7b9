"""House rules for stylesheets: the name of a class says which file its rules are in."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from pytest_django import Settings

BASE_DIR: Path = settings.BASE_DIR
STYLES = sorted((BASE_DIR / "static" / "css").glob("*.css"))
# Files whose rules are about no class.
WITHOUT_CLASSES = {"elements", "tokens"}
# Classes whose rules are in the file of another component.
ELSEWHERE = {
    "state": "card",  # The last line of a card may be inside this one.
    "resources": "tree",  # The field around the tree, hidden where there is nothing to choose.
}
CLASS = r"\.([a-z][\w-]*)"
ATTRIBUTE = r'(?:look|class(?:Name|List\.\w+)?)(?:=|"?: | = |\()"([^"]*)"'
COLOUR = r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\("
PHYSICAL = r"(?:^|[\s-])(?:left|right|top|bottom)(?=\s*:|-)|(?:^|\s)(?:(?:min|max)-)?(?:width|height)(?=\s*:)"


def plain(path: Path) -> str:
    """Return the stylesheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def classes(path: Path) -> list[str]:
    """Return the classes that the stylesheet names; the address of a file has dots too."""
    return re.findall(CLASS, re.sub(r'"[^"]*"', "", plain(path)))


def selectors(path: Path) -> Iterator[str]:
    """Yield each selector; a nested one is part of the rule around it."""
    for group in re.findall(r"([^{};]+)\{", plain(path)):
        is_step = group.strip() in {"from", "to"}  # Of a movement.
        if not is_step and not group.strip().startswith(("@", "&")):
            # A comma inside brackets separates no selectors.
            yield from (" ".join(part.split()) for part in re.split(r",(?![^(]*\))", group))


def component(selector: str) -> str | None:
    """Return the file that a selector belongs to, by the first class in the last part that has a class."""
    conditions = r":(?:has|not)\([^()]*\)"
    while re.search(conditions, selector):
        selector = re.sub(conditions, "", selector)
    parts = [part for part in re.split(r"[\s>+~(),]+", selector) if re.search(CLASS, part)]
    if not parts:
        return None
    name = re.findall(CLASS, parts[-1])[0]
    homes = [path.stem for path in STYLES if re.fullmatch(rf"{path.stem}s?(-.*)?", name)]
    return ELSEWHERE.get(name) or max(homes, key=len, default=name)


def sources() -> dict[Path, str]:
    """Return the text of everything that may write a class: templates, scripts and the code of our apps."""
    folders = [Path(app.path) for app in apps.get_app_configs() if "site-packages" not in Path(app.path).parts]
    paths = [*(BASE_DIR / "templates").rglob("*.*"), *(BASE_DIR / "static").rglob("*.js")]
    paths += [path for folder in folders for path in folder.rglob("*.py")]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def attributes(text: str) -> list[str]:
    """Return the texts that set the class of an element or the look of a partial."""
    return re.findall(ATTRIBUTE, text)


def written(attribute: str) -> Iterator[str]:
    """Yield the class names in an attribute, except those put together from parts."""
    for word in re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{\w*\}", "\0", attribute, flags=re.DOTALL).split():
        parts = [part for part in word.split("\0") if part]
        if not any(part.startswith("-") or part.endswith("-") for part in parts):
            yield from (part for part in parts if re.fullmatch(r"[a-z][a-z0-9-]*", part))


def test_every_rule_is_in_the_file_of_its_component() -> None:
    offenders = []
    for path in STYLES:
        for selector in selectors(path):
            home = component(selector)
            if home != path.stem and not (home is None and path.stem in WITHOUT_CLASSES):
                offenders.append(f"{path.name}: {selector} belongs into {home}.css")
    assert offenders == []


def test_every_class_that_is_written_has_a_rule() -> None:
    known = {name for path in STYLES for name in classes(path)}
    offenders = {
        f"{path.relative_to(BASE_DIR)}: {name}"
        for path, text in sources().items()
        for attribute in attributes(text)
        for name in written(attribute)
        if name not in known
    }
    assert sorted(offenders) == []


def test_every_class_that_has_a_rule_is_written() -> None:
    everything = "\n".join(sources().values())
    in_attributes = set(re.findall(r"[\w-]+", " ".join(attributes(everything))))
    # Some names are chosen by code (`look="button-text"`) or put together from parts (`badge-{{ kind }}`).
    chosen = set(re.findall(r"[\w-]+", everything))
    started = set(re.findall(r"[\w-]+-(?=\{)", everything))
    offenders = {
        f"{path.name}: .{name}"
        for path in STYLES
        for name in classes(path)
        if name not in in_attributes
        and not ("-" in name and (name in chosen or f"{name.rpartition('-')[0]}-" in started))
    }
    assert sorted(offenders) == []


def test_only_tokens_have_raw_values() -> None:
    tokens = BASE_DIR / "static" / "css" / "tokens.css"
    raw = re.findall(r"--[\w-]+(?=:)", plain(tokens).partition("}")[0])
    patterns = re.compile("|".join([COLOUR, *(rf"var\({name}\)" for name in raw)]))
    assert raw
    assert {path.name: found for path in STYLES if path != tokens and (found := patterns.findall(plain(path)))} == {}


def test_properties_are_logical() -> None:
    declarations = {path.name: re.findall(r"[{;]\s*([\w-]+\s*:)", plain(path)) for path in STYLES}
    offenders = {name: [prop for prop in found if re.search(PHYSICAL, prop)] for name, found in declarations.items()}
    assert {name: found for name, found in offenders.items() if found} == {}


def test_a_page_gets_all_stylesheets_in_one_file() -> None:
    joined = finders.find("css/joined.css")
    assert joined
    assert Path(joined).read_text(encoding="utf-8").split() == "".join(plain(path) for path in STYLES).split()


def test_a_hashed_stylesheet_names_hashed_fonts_wherever_the_admin_is(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path, "/commerce/static/"
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    call_command("collectstatic", interactive=False, verbosity=0)
    (joined,) = (tmp_path / "css").glob("joined.????????????.css")
    fonts = re.findall(r"url\(\"([^\"]*)\"\)", joined.read_text(encoding="utf-8"))
    assert [re.sub(r"[0-9a-f]{12}", "HASH", font) for font in fonts] == [
        f"../fonts/open-sans-{weight}.HASH.woff2" for weight in (400, 600)
    ]
    assert all((joined.parent / font).exists() for font in fonts)


def test_a_browser_gets_scripts_without_their_comments_line_by_line() -> None:
    for script in (BASE_DIR / "static" / "js").glob("*.js"):
        served = finders.find(f"js/{script.name}")
        assert served
        both = [path.read_text(encoding="utf-8").split("\n") for path in (script, Path(served))]
        offenders = [
            (line, shown)
            for line, shown in zip(*both, strict=True)
            if shown != line and (line.partition("//")[0].rstrip() != shown or line.count("//") != 1)
        ]
        assert not any("// " in line for line in both[1])
        assert offenders == []
