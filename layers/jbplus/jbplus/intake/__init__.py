"""Taking files in: each ends in one report (Articles 5 to 7)."""
