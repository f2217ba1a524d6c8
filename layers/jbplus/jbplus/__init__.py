"""The exchange of jobbonus plus payments: the protocol's rules, and the edges to AWS."""
