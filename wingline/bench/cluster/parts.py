"""What runs on each host, started with the configurations of deploy/cluster and nothing else."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import trustme

from wingline import exchange as asterisk
from wingline.bench.cluster.hosts import Host, Hosts, NoHosts
from wingline.bench.private_postgres import NOBODY
from wingline.children import Child
from wingline.logs import LEVEL_VARIABLE
from wingline.preparing import make_ready
from wingline.service import environment
from wingline.settings import Settings, read_secrets
from wingline.setup.debian import Tree
from wingline.setup.extras import CLUSTER
from wingline.setup.paths import SOURCE, places
from wingline.setup.programs import programs

CONFIGURATIONS = SOURCE / "deploy" / "cluster"
ADDRESSES = {"db": 10, "proxy": 20, "node-a": 31, "node-b": 32, "speech-1": 41, "speech-2": 42, "phones": 50}
NODES, SPEECHES = ("node-a", "node-b"), ("speech-1", "speech-2")
# Of the test's own database, which nobody else can reach.
PASSWORD = "cluster-test"  # noqa: S105
SIP_PORT, SIPS_PORT = 5060, 5061
# Behind HAProxy, on its own host's loopback.
SPEECH_PORT = 24701
# Between two callers who reach a Listener, one calling each second, from the moment in which a host is lost.
LONGEST_GAP_SECONDS = 15.0
# Without a database: its deadline, its notice and what it says to a Listener come before that.
LONGEST_GAP_ALONE_SECONDS = 30.0


@dataclass(slots=True)
class Cluster:
    """The folder of all, and where things are in it. ``site``: its file, up to the certificates."""

    hosts: Hosts
    folder: Path
    site: str
    # Where exchanges find the line, when it is not at its own port: there is a wire between them then.
    agi_wire: int | None = None

    @property
    def proxy(self) -> str:
        return f"{self.hosts['proxy'].address}:{SIP_PORT}"

    @property
    def database_here(self) -> str:
        """Through PostgreSQL's own socket, which is in no network."""
        return f"postgresql+psycopg://wingline@/wingline?host={self.folder / 'db'}"

    @property
    def database(self) -> str:
        sure = f"sslmode=verify-full&sslrootcert={self.authority}&connect_timeout=2"
        # A host that is cut off must notice: what it wrote and nobody answered is given up.
        sure += "&tcp_user_timeout=3000"
        return f"postgresql+psycopg://wingline:{PASSWORD}@{self.hosts['db'].address}/wingline?{sure}"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def certificate(self, host: str) -> Path:
        """And its key."""
        return self.folder / "certificates" / host / "host.pem"

    def settings(self, node: str) -> Settings:
        written = _environment_file(CONFIGURATIONS / "node.env")
        chosen = {name.removeprefix("WINGLINE_").lower(): value for name, value in written.items()}
        chosen |= {"node": node, "sip_host": self.hosts[node].address, "database": self.database}
        return Settings(data=self.folder / node, second_factor=False, **chosen)  # type: ignore[arg-type]  # checked there

    def exchange_settings(self, node: str) -> Settings:
        """Those by which the exchange is configured, from here: PostgreSQL is asked at its own socket."""
        settings = self.settings(node)
        changed = {"database": self.database_here, "agi_port": self.agi_wire or settings.agi_port}
        return settings.model_copy(update=changed)

    def control(self, node: str) -> Path:
        return self.folder / node / "asterisk" / "etc" / "asterisk.conf"


@dataclass(frozen=True, slots=True)
class Program:
    """What runs on a host."""

    host: Host
    name: str
    command: Sequence[object]
    environment: Mapping[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        await self.host.run(self.name, self.command, self.environment)

    def as_child(self) -> Child:
        """For whoever keeps it running."""
        command = [*self.host.inside, *map(str, self.command)]
        return Child(f"{self.host.name}-{self.name}", command, self.host.log, self.environment)


def _environment_file(file: Path) -> dict[str, str]:
    lines = (line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def make_certificates(cluster: Cluster) -> None:
    """One authority; each host has a certificate of its own, which it shows to whoever it asks as well."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(cluster.authority)
    for host in cluster.hosts:
        folder = cluster.folder / "certificates" / host.name
        folder.mkdir(parents=True, mode=0o755)
        issued = authority.issue_cert(host.address, host.name)
        issued.private_key_and_cert_chain_pem.write_to_path(folder / "host.pem")
        authority.cert_pem.write_to_path(folder / "ca.pem")


def debians_postgres() -> Path:
    """Installed from Debian's packages: the tests' own private build knows no TLS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    if not found:
        raise NoHosts("there is no PostgreSQL of Debian on this machine (apt-get install postgresql)")
    return found[-1]


async def start_database(cluster: Cluster) -> None:
    """Made anew, or as it was left when it was killed."""
    host, folder = cluster.hosts["db"], cluster.folder / "db"
    folder.mkdir(exist_ok=True)
    bin_ = debians_postgres()
    shutil.copy(cluster.certificate("db"), folder / "host.pem")
    shutil.copy(CONFIGURATIONS / "pg_hba.conf", folder / "hba.conf")
    for file in (folder, folder / "host.pem", folder / "hba.conf"):
        os.chown(file, NOBODY, NOBODY)
    (folder / "host.pem").chmod(0o600)
    options = {
        "listen_addresses": host.address,
        "unix_socket_directories": folder,
        "hba_file": folder / "hba.conf",
        "ssl": "on",
        "ssl_cert_file": folder / "host.pem",
        "ssl_key_file": folder / "host.pem",
    }
    asked = " ".join(f"-c {name}={value}" for name, value in options.items())
    made = f'"{bin_}/initdb" --pgdata=data --auth=trust --username=postgres --encoding=UTF8 --no-sync'
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    script = f'cd "{folder}" && {{ [ -d data ] || {made}; }} && exec "{bin_}/postgres" -D data {asked}'
    await host.run("postgres", [*as_nobody, "sh", "-c", script])


def make_database(cluster: Cluster) -> None:
    with psycopg.connect(f"host={cluster.folder / 'db'} user=postgres dbname=postgres", autocommit=True) as db:
        db.execute(f"CREATE ROLE wingline LOGIN PASSWORD '{PASSWORD}'")
        db.execute("CREATE DATABASE wingline OWNER wingline")


def let_kamailio_read(cluster: Cluster) -> None:
    with psycopg.connect(f"host={cluster.folder / 'db'} user=postgres dbname=wingline", autocommit=True) as db:
        db.execute((CONFIGURATIONS / "postgresql.sql").read_bytes())
        db.execute(f"ALTER ROLE kamailio PASSWORD '{PASSWORD}'")


def proxy(cluster: Cluster) -> Program:
    """Where phones are it finds as it left it, when it was killed."""
    host, folder = cluster.hosts["proxy"], cluster.folder / "proxy"
    tree = CLUSTER.tree(places())
    url = f"postgres://kamailio:{PASSWORD}@{cluster.hosts['db'].address}/wingline"
    command = [*CLUSTER.command("kamailio"), "-DD", "-E", "-f", CONFIGURATIONS / "kamailio.cfg"]
    command += ["-L", tree.libraries / "kamailio" / "modules", "-Y", folder]
    command += ["-l", f"udp:{host.address}:{SIP_PORT}", "-l", f"tls:{host.address}:{SIPS_PORT}"]
    command += ["-A", f'CERTIFICATE="{cluster.certificate("proxy")}"', "-A", f'AUTHORITY="{cluster.authority}"']
    command += ["-A", f'DATABASE="{url}"']
    command += ["-A", f'EXCHANGES="{CONFIGURATIONS / "dispatcher.list"}"', "-m", "64", "-M", "8"]
    command += ["-A", f'LOCATION="sqlite:///{_location(folder, tree)}"']
    return Program(host, "kamailio", command)


def _location(folder: Path, tree: Tree) -> Path:
    """Kamailio's own tables, in a file."""
    file = folder / "location.sqlite"
    if not file.exists():
        folder.mkdir()
        made_by = tree.root / "usr" / "share" / "kamailio" / "db_sqlite"
        with closing(sqlite3.connect(file)) as made:
            made.execute("PRAGMA journal_mode=WAL")
            for part in ("standard", "usrloc"):
                made.executescript((made_by / f"{part}-create.sql").read_text())
    return file


def speech(cluster: Cluster, name: str) -> tuple[Program, Program]:
    """It, and HAProxy before it."""
    host, data = cluster.hosts[name], cluster.folder / name
    data.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(cluster.folder / "secrets.toml", data)
    settings = {"WINGLINE_DATA": str(data), "WINGLINE_SPEECH_PORT": str(SPEECH_PORT)}
    hears = Program(host, "speech", [Path(sys.executable).with_name("wingline"), "speech"], settings)
    return hears, _haproxy(cluster, host, "haproxy-speech.cfg", {"ADDRESS": host.address})


def _haproxy(cluster: Cluster, host: Host, file: str, more: Mapping[str, str]) -> Program:
    variables = {"CERTIFICATES": str(cluster.folder / "certificates" / host.name), **more}
    return Program(host, "haproxy", [*CLUSTER.command("haproxy"), "-db", "-f", CONFIGURATIONS / file], variables)


def prepare_node(cluster: Cluster, node: str) -> None:
    """The same site, secrets and tables for both; the second finds them there."""
    settings = cluster.settings(node)
    settings.data.mkdir(mode=0o700)
    settings.site_file.write_text(cluster.site + certificates(cluster, node))
    shared = cluster.folder / "secrets.toml"
    if shared.exists():
        shutil.copy(shared, settings.data / "secrets.toml")
    else:
        read_secrets(settings.data)
        shutil.copy(settings.data / "secrets.toml", shared)
    asterisk.prepare(make_ready(cluster.exchange_settings(node)))


def certificates(cluster: Cluster, node: str) -> str:
    """The end of the site file's [phones]; on hosts of their own they are under the same path."""
    pem = cluster.certificate(node)
    return f'certificate = "{pem}"\nkey = "{pem}"\nauthority = "{cluster.authority}"\n'


def node_programs(cluster: Cluster, node: str) -> tuple[Program, Program, Program]:
    """HAProxy, the exchange and its line."""
    host = cluster.hosts[node]
    exchange = [*programs().command("asterisk"), "-C", cluster.control(node), "-f"]
    # Its own words say when it is up.
    variables = {**environment(cluster.settings(node)), LEVEL_VARIABLE: "INFO"}
    line = Program(host, "line", [sys.executable, "-m", "wingline.line"], variables)
    return _haproxy(cluster, host, "haproxy-node.cfg", {}), Program(host, "asterisk", exchange), line


async def start(*programs: Program) -> None:
    for one in programs:
        await one.start()
