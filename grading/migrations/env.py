"""Alembic's entry: migrate on the connection, and in the transaction, that `Database.upgrade` hands over."""

from alembic import context

from grading.tables import metadata


def run() -> None:
    """Run the missing migrations."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


# Alembic loads this file under this name; any other importer, such as a doctest collector, migrates nothing.
if __name__ == "env_py":
    run()
