#!/bin/sh
# Builds wingline_<version>_<architecture>.deb into the folder given. WHEELS=1 puts every Python package into it, so that
# the machine that it is installed on needs no internet; it is then for this machine's architecture and Python alone.
set -eu
cd "$(dirname "$0")/../.."
OUT=$(mkdir -p "$1" && cd "$1" && pwd)
HERE=deploy/debian
PYTHON=.venv/bin/python
VERSION=$($PYTHON -c 'from importlib.metadata import version; print(version("wingline"))')
ARCHITECTURE=all
FOR_PYTHON="python3 (>= 3.11)"
TREE=$(mktemp -d)
trap 'rm -rf "$TREE"' EXIT
SHARE=$TREE/usr/share/wingline
DOC=$TREE/usr/share/doc/wingline

mkdir -p "$SHARE" "$DOC" "$TREE/usr/bin" "$TREE/lib/systemd/system" "$TREE/etc/wingline" "$TREE/DEBIAN"
if [ -n "${WHEEL:-}" ]; then cp "$WHEEL" "$SHARE/"; else $PYTHON -m pip wheel --quiet --no-deps --wheel-dir "$SHARE" .; fi
$PYTHON $HERE/runtime_lock.py > "$SHARE/runtime.lock"
if [ -n "${WHEELS:-}" ]; then
  ARCHITECTURE=$(dpkg --print-architecture)
  FOR_PYTHON=$($PYTHON -c 'import sys; a, b, *_ = sys.version_info; print(f"python3 (>= {a}.{b}), python3 (<< {a}.{b + 1})")')
  $PYTHON -m pip wheel --quiet --no-deps --require-hashes --wheel-dir "$SHARE/wheels" -r "$SHARE/runtime.lock"
fi
install -m 0755 $HERE/wingline "$TREE/usr/bin/wingline"
install -m 0644 $HERE/wingline.service $HERE/wingline-backup.service $HERE/wingline-backup.timer "$TREE/lib/systemd/system/"
# The same for each of several sites on one machine, with what is its own beside what is everybody's.
for unit in wingline.service wingline-backup.service wingline-backup.timer; do
  sed -e 's|^Description=.*|&, %i|' -e 's|^EnvironmentFile=.*|&\nEnvironmentFile=/etc/wingline/sites/%i.env|' \
    $HERE/$unit > "$TREE/lib/systemd/system/${unit%.*}@.${unit##*.}"
done
install -d "$TREE/etc/wingline/sites" "$TREE/etc/logrotate.d"
install -m 0644 $HERE/logrotate "$TREE/etc/logrotate.d/wingline"
install -m 0640 $HERE/wingline.env "$TREE/etc/wingline/wingline.env"
install -m 0644 README.md SECURITY.md CHANGELOG.md LICENSE deploy/alerts.yml deploy/alertmanager.yml docs/*.md docs/site-example.toml $HERE/site.env deploy/cluster/site.sql "$DOC/"
install -m 0644 deploy/README.md "$DOC/INSTALL.md"
fill() { sed -e "s/@VERSION@/$VERSION/g" -e "s/@ARCHITECTURE@/$ARCHITECTURE/g" -e "s/@PYTHON@/$FOR_PYTHON/g" "$1" > "$2"; }
fill $HERE/control.in "$TREE/DEBIAN/control"
fill $HERE/postinst.in "$TREE/DEBIAN/postinst"
install -m 0644 $HERE/conffiles "$TREE/DEBIAN/conffiles"
install -m 0755 $HERE/prerm $HERE/postrm "$TREE/DEBIAN/"
chmod 0755 "$TREE/DEBIAN/postinst"
chmod 0755 "$TREE"
chmod -R go+rX "$TREE/usr" "$TREE/lib" "$TREE/etc"
chmod 0640 "$TREE/etc/wingline/wingline.env"
# What is large in it is compressed already.
dpkg-deb --root-owner-group -Znone --build "$TREE" "$OUT/wingline_${VERSION}_$ARCHITECTURE.deb"
