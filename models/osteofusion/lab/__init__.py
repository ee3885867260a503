"""The training room: survey tables in, model bundle out. Never imported by the product itself."""
