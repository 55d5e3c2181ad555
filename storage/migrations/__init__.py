"""The way from every released schema to today's, walked by Alembic."""
