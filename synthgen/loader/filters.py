"""Curriculum filters: `module_px_min > 1.5 and incidence_deg < 45` keeps the samples that have such a code.

The language is Python's for comparisons, `and`, `or`, `not`, `in` and arithmetic over the columns of `codes.parquet`.
A column is compared with a constant or with another column of its type: `decoded_text == payload`. The text is parsed
by Python, rebuilt node by node as an Arrow expression, and never executed; Arrow reads just the columns named and skips
the row groups whose statistics rule them out.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Collection
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn

from synthgen.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.compute import Expression

_COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
_EXAMPLE = 'write for example: module_px_min > 1.5 and symbology in ("qr", "code128")'
MAX_LENGTH = 4000


def parse(text: str, schema: pa.Schema) -> Expression:
    """Return the Arrow expression that a filter means for a table of codes.

    Raises:
        InputError: it is no filter, names an unknown column, or compares what cannot be compared.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"filter: {len(text)} characters; keep it below {MAX_LENGTH}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        found = _Builder(text, _columns(schema)).built(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"filter {text!r}: {error}; {_EXAMPLE}") from None
    _try(text, tree, found, schema)
    return found


def _columns(schema: pa.Schema) -> list[str]:
    """Return the columns that a filter may name: numbers, truths and texts."""
    import pyarrow.types as kinds

    return [field.name for field in schema if not kinds.is_nested(field.type)]


def _try(text: str, tree: ast.expr, found: Expression, schema: pa.Schema) -> None:
    """Evaluate the expression on no rows, which tells whether its types fit."""
    import pyarrow as pa

    try:
        schema.empty_table().filter(found)
    except (pa.ArrowException, TypeError) as error:
        reason = str(error).splitlines()[0]
        names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        types = ", ".join(f"{name} is {_word(schema.field(name).type)}" for name in names)
        given = f"{reason}; {types}" if types else reason
        raise InputError(
            f"filter {text!r}: its types do not fit ({given}); compare columns and constants of one type; {_EXAMPLE}"
        ) from None


def _word(kind: pa.DataType) -> str:
    import pyarrow.types as kinds

    return "a text" if kinds.is_string(kind) else "true or false" if kinds.is_boolean(kind) else "a number"


class _Builder:
    """Rebuilds a tree as an Arrow expression; every node that is not listed here is refused."""

    def __init__(self, text: str, columns: Collection[str]) -> None:
        self._text, self._columns = text, columns

    def built(self, node: ast.expr) -> Expression:
        match node:
            case ast.BoolOp(op=op, values=values):
                join = operator.and_ if isinstance(op, ast.And) else operator.or_
                return reduce(join, map(self.built, values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self.built(operand)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self._comparison(left, ops, rights)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self.built(left).cast("float64") / self.built(right)  # Arrow divides integers to integers
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return _ARITHMETIC[type(op)](self.built(left), self.built(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _scalar(0) - self.built(operand)
            case ast.Name(id=name):
                return self._column(name)
            case _:
                return _scalar(self._constant(node))

    def _comparison(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Expression:
        found: Any = None
        for op, right in zip(ops, rights, strict=True):
            one = self._compared(left, op, right)
            found, left = one if found is None else found & one, right
        return found

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Expression:
        if isinstance(op, (ast.In, ast.NotIn)):
            if not isinstance(right, (ast.Tuple, ast.List, ast.Set)):
                self._refuse(right)
            among = self._among(left, right.elts)
            return among if isinstance(op, ast.In) else ~among
        if type(op) not in _COMPARISONS:
            raise ValueError(f"{type(op).__name__} is not part of the language")
        return _COMPARISONS[type(op)](self.built(left), self.built(right))

    def _among(self, left: ast.expr, items: list[ast.expr]) -> Expression:
        """Return whether a value is one of some constants and columns."""
        value, columns = self.built(left), [item for item in items if isinstance(item, ast.Name)]
        constants = [self._constant(item) for item in items if item not in columns]
        equal = [value == self.built(column) for column in columns]
        return reduce(operator.or_, [value.isin(constants), *equal] if constants or not equal else equal)

    def _column(self, name: str) -> Expression:
        import pyarrow.compute as pc

        if name not in self._columns:
            near = get_close_matches(name, self._columns, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            known = ", ".join(sorted(self._columns)) or "no column at all"
            raise InputError(f"filter {self._text!r}: no column {name!r}; {meant}there are {known}")
        return pc.field(name)

    def _constant(self, node: ast.expr) -> float | str | bool:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case _:
                self._refuse(node)

    def _refuse(self, node: ast.expr) -> NoReturn:
        raise ValueError(f"{ast.unparse(node)!r} is not part of the language")


def _scalar(value: float | str | bool) -> Expression:
    import pyarrow.compute as pc

    return pc.scalar(value)
