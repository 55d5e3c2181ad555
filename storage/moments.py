"""Stored times that are moved by so much, in each database's own words.

Knows no table and no reason to move a time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Connection, FunctionElement, func, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.schema import Utc


def move(connection: Connection, columns: Collection[Column[Any]], by: timedelta) -> None:
    """Move those times of every row by so much, to the millisecond; where there is none there is none after."""
    for table in {column.table for column in columns}:
        here = {column.name: _Moved(column, by) for column in columns if column.table is table}
        connection.execute(update(table).values(here))


class _Moved(FunctionElement[Any]):
    type = Utc()
    inherit_cache = False

    def __init__(self, column: Column[Any], by: timedelta) -> None:
        super().__init__(column)
        self.column_, self.by = column, by


@compiles(_Moved)
def _by_arithmetic(moved: _Moved, compiler: SQLCompiler, **how: Any) -> str:
    return str(compiler.process(moved.column_ + moved.by, **how))


@compiles(_Moved, "sqlite")
def _by_strftime(moved: _Moved, compiler: SQLCompiler, **how: Any) -> str:
    """SQLite keeps a time as text with six digits after the point; it reckons in three."""
    shift = f"{moved.by.total_seconds():+.3f} seconds"
    return str(compiler.process(func.strftime("%Y-%m-%d %H:%M:%f000", moved.column_, shift), **how))
