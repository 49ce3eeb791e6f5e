from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.licenses import license_of_project, license_of_text, spdx

BSD = (
    "Redistribution and use in source and binary forms, with or without modification, are "
    "permitted provided that the following conditions are met: 1. Redistributions of source code "
)
MIT = "MIT License\n\nCopyright (c) 2020 Somebody\n\nPermission is hereby granted, free of charge"
ISC = "Permission to use, copy, modify, and/or distribute this software for any purpose with or "


@pytest.mark.parametrize(
    ("statement", "identifier"),
    [
        ("MIT", "MIT"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR CC0-1.0)", "MIT OR CC0-1.0"),
        ("(MIT OR CC0-1.0) AND ISC", "(MIT OR CC0-1.0) AND ISC"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The Apache Software License, Version 2.0", "Apache-2.0"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("Eclipse Distribution License - v 1.0", "BSD-3-Clause"),
        ("Simplified BSD", "BSD-2-Clause"),
        ("ISC License (ISCL)", "ISC"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("Eclipse Public License - v 2.0", "EPL-2.0"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("GNU Lesser General Public License v2.1 or later", "LGPL-2.1-or-later"),
        ("GNU Affero General Public License v3", "AGPL-3.0-only"),
        (
            "GNU General Public License, version 2 with the GNU Classpath Exception",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("Python Software Foundation License", "PSF-2.0"),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("https://opensource.org/licenses/BSD-3-Clause", "BSD-3-Clause"),
    ],
)
def test_a_statement_means_a_licence(statement: str, identifier: str) -> None:
    assert spdx(statement) == identifier


@pytest.mark.parametrize(
    "statement",
    [
        *("", "BSD", "GPL", "GNU Lesser General Public License", "UNLICENSED", "Proprietary"),
        *("SEE LICENSE IN x.txt", "Dual License", "GPL 2.1", "MIT AND", "(MIT OR", "x" * 5_000),
        *("(" * 199, "MIT-like", "https://example.org/MIT"),
    ],
)
def test_what_could_be_any_licence_means_none(statement: str) -> None:
    assert spdx(statement) is None


WORDS = st.sampled_from([*"()+/. v23", "MIT", " OR ", "gpl", " with ", "bsd", "Apache-2.0"])


@given(st.lists(WORDS, max_size=12).map("".join))
def test_every_statement_has_a_stable_answer(statement: str) -> None:
    known = spdx(statement)
    assert known is None or spdx(known) == known


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        (MIT, "MIT"),
        (BSD, "BSD-2-Clause"),
        (BSD + "Neither the name of the author", "BSD-3-Clause"),
        (ISC + "without fee is hereby granted, provided that", "ISC"),
        (ISC + "without fee is hereby granted. THE SOFTWARE", "0BSD"),
        ("Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        (
            "Boost Software License - Version 1.0\n\nPermission is hereby granted, free of charge",
            "BSL-1.0",
        ),
        ("All rights reserved.", None),
        ("", None),
    ],
)
def test_a_text_is_recognized_by_its_sentences(text: str, identifier: str | None) -> None:
    assert license_of_text(text) == identifier


def test_the_first_of_several_texts_is_the_projects_own() -> None:
    assert (
        license_of_text(f"{BSD}\n\nBundled: GNU GENERAL PUBLIC LICENSE Version 3") == "BSD-2-Clause"
    )
    assert license_of_text(f"{'Own terms. ' * 400}Bundled: {MIT}") is None


def test_a_project_states_its_licence_in_any_spelling(tmp_path: Path) -> None:
    manifest = tmp_path / "pyproject.toml"
    manifest.write_text('[project]\nlicense = {text = "Apache License 2.0"}\n')
    assert license_of_project(tmp_path) == "Apache-2.0"
    manifest.write_text('[project]\nlicense = "LicenseRef-Own"\n')
    assert license_of_project(tmp_path) == "LicenseRef-Own"
    manifest.write_text('[project]\nlicense = {text = "Ask the author"}\n')
    assert license_of_project(tmp_path) == "Ask the author"
