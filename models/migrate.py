"""Brings a database to the tables of this release."""

from alembic import command
from alembic.config import Config

from models.database import Database


def migrate(url: str) -> None:
    database = Database(url)
    config = Config()
    # A package resource, so that it is found in a checkout and in an installed wheel alike.
    config.set_main_option("script_location", "models:migrations")
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()
