"""`make cluster-test`: deploy/cluster on one machine, each host in a network namespace of its own."""
