"""A process that decodes gets no more than it needs."""

from audio.confinement import bare_environment


def test_nothing_is_inherited_but_where_things_are() -> None:
    environment = {"PATH": "/bin", "TMPDIR": "/tmp", "PGPASSWORD": "secret", "COUNTERPART_DATA": "/data"}  # noqa: S108
    bare = bare_environment(["", "/packages"], environment)
    assert (bare["PATH"], bare["TMPDIR"], bare["OMP_NUM_THREADS"]) == ("/bin", "/tmp", "1")  # noqa: S108
    assert bare["PYTHONPATH"].endswith(":/packages")
    assert not bare["PYTHONPATH"].startswith(":")
    assert "secret" not in bare.values()
    assert "COUNTERPART_DATA" not in bare
