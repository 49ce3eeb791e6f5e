"""One module for each request of the protocol: snapshot, early return, one domain call, convert."""
