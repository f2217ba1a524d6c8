"""Sample mutation files about test persons, whose numbers no citizen can have."""
