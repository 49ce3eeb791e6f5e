from __future__ import annotations

import pytest

from dowse.context.roles import Role, role_of

PATHS = {
    Role.CODE: [
        "src/latest.py", "contest.py", "flask/testing.py", "api/v1/users.go", "spec.rb",
        "src/Testimony.java", "attest/sign.rs", "lib/inspector.ts", "docstrings.py", "Makefile",
    ],
    Role.TEST: [
        "tests/a.py", "pkg/parse_test.go", "src/test/java/Parser.java", "ParserTest.java",
        "a.test.ts", "src/app.spec.ts", "__tests__/a.js", "conftest.py", "test_a.py",
        "My.App.Tests/Parse.cs", "spec/models/user_spec.rb", "testdata/sample.c",
    ],
    Role.EXAMPLE: ["examples/a.py", "docs/conf.py", "demo/run.js", "benchmarks/speed.rs"],
    Role.PROSE: ["README.md", "web/index.html", "package.json", "style.css"],
    Role.COPY: ["vendor/lib.go", "third_party/zlib/inflate.c", "dist/app.js", "api_pb2.py"],
    Role.OLD: ["deprecated/decorator.py", "legacy/parse.c", "_compat.py"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "role"), [(path, role) for role, paths in PATHS.items() for path in paths]
)
def test_a_path_tells_what_a_file_is_for(path: str, role: Role) -> None:
    assert role_of(path) is role
