#!/bin/sh
# Boots Debian's systemd in namespaces of its own:  boot.sh TREE FOLDER SHARED CGROUP
# TREE is a debootstrap and stays as it is: what is changed lies in memory, on FOLDER, and is gone with the namespaces.
set -eu
export TREE="$1" FOLDER="$2" SHARED="$3" CGROUP="$4"
mkdir "$CGROUP"
echo $$ > "$CGROUP/cgroup.procs"
exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --propagation private sh -euc '
mount -t tmpfs tmpfs "$FOLDER"
mkdir "$FOLDER/changed" "$FOLDER/work" "$FOLDER/root"
cd "$FOLDER/root"
mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$FOLDER/changed,workdir=$FOLDER/work" .
cd "$FOLDER/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for folder in run dev; do mount -t tmpfs -o mode=755 tmpfs $folder; done
for device in null zero full random urandom tty; do touch dev/$device; mount --bind /dev/$device dev/$device; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for folder in dev/shm tmp; do mount -t tmpfs -o mode=1777 tmpfs $folder; done
mkdir -p srv/shared
mount --bind "$SHARED" srv/shared
hostname wingline-guest
echo wingline-guest > etc/hostname
: > etc/machine-id
pivot_root . mnt
umount -l /mnt
exec env -i container=wingline PATH=/usr/sbin:/usr/bin /lib/systemd/systemd
'
