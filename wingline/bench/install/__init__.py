"""`make install-test`: the Debian package on a machine of its own, whose systemd starts, keeps, changes and ends it."""
