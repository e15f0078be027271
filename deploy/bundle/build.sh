#!/bin/sh
# Packs all that a machine without internet needs into one signed tar: the package with its wheels, Asterisk from Debian, models.
#   deploy/bundle/build.sh FOLDER KEY      KEY: an SSH key, whose public half whoever installs it already has
set -eu
cd "$(dirname "$0")/../.."
OUT=$(mkdir -p "$1" && cd "$1" && pwd)
KEY=$2
HOME_OF_LINE=${WINGLINE_HOME:-.wingline}
TREE=$(mktemp -d)
trap 'rm -rf "$TREE"' EXIT
BUNDLE=$TREE/wingline-bundle
mkdir "$BUNDLE"

[ -n "${DEB:-}" ] && cp "$DEB" "$BUNDLE/" || WHEELS=1 deploy/debian/build.sh "$BUNDLE"
tar -C "$HOME_OF_LINE" -cf "$BUNDLE/home.tar" debian models
install -m 0755 deploy/bundle/install.sh "$BUNDLE/"
(cd "$BUNDLE" && sha256sum ./* > SHA256SUMS)
ssh-keygen -q -Y sign -n wingline-bundle -f "$KEY" "$BUNDLE/SHA256SUMS"
NAME=$(basename "$BUNDLE"/*.deb .deb | sed 's/wingline_/wingline-/; s/_/-/')
tar -C "$TREE" -cf "$OUT/$NAME.tar" wingline-bundle
echo "$OUT/$NAME.tar"
