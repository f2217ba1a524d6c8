"""Setting the persons and the ledger back to an earlier moment, and having in again what came since."""
