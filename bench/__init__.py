"""`make bench`: the portal measured beside its peers, on loopback, in one run."""
