"""Sphinx's settings: `make docs` builds the site from here into `docs/_build/html`, without a network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import glasstorch

project = "Glasstorch"
author = "Glasstorch contributors"
project_copyright = author
version = release = glasstorch.__version__

extensions = ["myst_parser", "glasstorch_docs"]
exclude_patterns = ["_build", "_ext", "_templates"]
source_suffix = {".md": "markdown"}
root_doc = "index"
nitpicky = False
suppress_warnings: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

templates_path = ["_templates"]
html_theme = "furo"
html_title = "Glasstorch"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["glasstorch.css"]
html_js_files = ["glasstorch.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_search_summary = False  # the pages of results would be fetched, which a browser forbids for files
html_permalinks_icon = "#"
html_domain_indices = False
toc_object_entries = (
    False  # (every page would carry a copy of all of them; each page begins with its own names)
)
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7cc0ff", "color-brand-content": "#7cc0ff"},
}
