"""Anonymous statistics (Article 2 b: "anoniem statistische doeleinden"): published once a month, then frozen."""
