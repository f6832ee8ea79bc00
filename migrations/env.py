"""How alembic reaches the store: through the connection that `autoscaler.storage.migrate` hands over."""

from alembic import context

from autoscaler.storage.all_tables import Table

connection = context.config.attributes["connection"]
# SQLite cannot change a table in place, so alembic copies it (batch); inside one transaction nothing is half done.
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
