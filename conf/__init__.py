"""Configuration: the Hydra groups (one a folder) and the one module that reads them."""
