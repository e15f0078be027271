#!/bin/sh
# Installs a bundle on a machine without internet:  sudo ./install.sh maker.pub
# maker.pub is the public SSH key of whoever made the bundle, and did not come with it.
set -eu
[ $# = 1 ] && [ -r "$1" ] || { echo "Name the maker's public key: sudo ./install.sh maker.pub"; exit 1; }
WHO=$(mktemp)
trap 'rm -f "$WHO"' EXIT
printf 'maker namespaces="wingline-bundle" %s\n' "$(cat "$1")" > "$WHO"
cd "$(dirname "$0")"
ssh-keygen -q -Y verify -f "$WHO" -I maker -n wingline-bundle -s SHA256SUMS.sig < SHA256SUMS >/dev/null ||
  { echo "Nothing was installed: this bundle is not signed with that key, or was changed."; exit 1; }
sha256sum --quiet --check SHA256SUMS || { echo "Nothing was installed: a file is damaged."; exit 1; }
# What lies here and is not in the list is not looked at.
dpkg -i "$(awk '$2 ~ /\.deb$/ { print $2 }' SHA256SUMS)" || { echo "A package that it needs is missing: it must come from Debian's own media."; exit 1; }
tar -C /var/lib/wingline --no-same-owner -xf home.tar
chown -R wingline:wingline /var/lib/wingline/debian /var/lib/wingline/models
echo "Installed. Next: wingline site apply FILE, and systemctl enable --now wingline; a line that is up: systemctl reload wingline"
