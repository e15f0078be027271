"""`wingline upgrade` and `wingline drain` as a technician types them, on a line that is up."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pyrage
from test_up import WINGLINE, Installation, installation, until

from wingline.demo.prison import LISTENERS
from wingline.demo.world import free_ports

__all__ = ["installation"]


def types(installation: Installation, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = installation.environment | {"WINGLINE_BACKUPS": str(installation.settings.data.parent / "backups")}
    return subprocess.run(
        (*WINGLINE, *words, "--json"), capture_output=True, text=True, env=os.environ | environment, check=False
    )


def figures(port: int) -> str:
    return httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_the_line_is_changed_with_a_backup_before_and_ends_in_a_quiet_moment(installation: Installation) -> None:
    site = installation.settings.site_file
    refused = types(installation, "upgrade")
    assert refused.returncode == 1
    assert "is up: start it" in refused.stderr
    (port,) = free_ports(1)
    installation.settings.metrics_port = port
    running = installation.up()
    assert installation.says("Up."), installation.said
    before = installation.line()
    assert "wingline_asterisk_connected 1.0" in figures(port)
    assert 'wingline_corrections_total{what="call_adopted"} 0.0' in figures(port)
    assert "no backup without recipients" in types(installation, "upgrade").stderr
    assert installation.line() == before

    recipient = pyrage.x25519.Identity.generate().to_public()
    site.write_text(f'{site.read_text()}\n[backups]\nrecipients = ["{recipient}"]\nwarn_after_hours = 26\n')
    upgraded = types(installation, "upgrade")

    assert upgraded.returncode == 0, upgraded.stderr + installation.said
    assert Path(json.loads(upgraded.stdout)["backup"]).exists()
    assert installation.line() not in {before, None}
    assert len(installation.programs()) == 3
    found = figures(port)
    assert "wingline_backup_warn_after_seconds 93600.0" in found
    assert 'wingline_calls_live{stage="waiting"} 0.0' in found
    assert not [word for word in (*LISTENERS, "Bravo", "B-1-001") if word in found]
    drained = types(installation, "drain", "--within", "1")
    assert json.loads(drained.stdout) == {"ended": True}
    assert running.wait(20) == 0
    assert until(lambda: not installation.programs(), 10)
