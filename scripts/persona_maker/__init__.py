"""How people who do not exist are made; run by ``scripts/make_personas.py``."""
