"""Mutants of Python: those of Cosmic Ray, and mistakes in what a module does that it does not know."""

import ast
import random
from collections import defaultdict
from collections.abc import Callable, Iterator

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from mutants.mutant import Mutant, of_python

_Change = Callable[[], str | None]
_Place = tuple[int, int]
_Span = tuple[_Place, _Place]
_Places = dict[_Place, list[_Change]]

# They want arguments, break types and no behaviour, change what only mypy reads, or stumble over a dotted name.
_LEFT_OUT = (
    "ExceptionReplacer",
    "VariableReplacer",
    "VariableInserter",
    "RemoveDecorator",
    "ReplaceBinaryOperator_BitOr_",
)
_OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}


def sample(path: str, text: str, chance: random.Random) -> Mutant | None:
    """Break a module in one place, each place as likely as another; None when chance hit nothing that runs."""
    places = _places(text)
    if not places:
        return None
    place = chance.choice(sorted(places))
    changed = chance.choice(places[place])()
    return None if changed is None else of_python(path, place[0], text, changed)


def _places(text: str) -> _Places:
    places: _Places = defaultdict(list)
    choices = [span for node in ast.walk(ast.parse(text)) for span in _choices(node)]
    for place, change in (*_cosmic_ray(text), *_own(text)):
        if not any(start <= place < end for start, end in choices):
            places[place].append(change)
    return places


def _choices(node: ast.AST) -> Iterator[_Span]:
    """Give where it stands how a class is made, and how many seconds one waits: a little different is as good."""
    match node:
        case ast.ClassDef():
            yield from map(_span, node.decorator_list)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=float()) as seconds) if name.isupper():
            yield _span(seconds)


def _span(part: ast.expr) -> _Span:
    return (part.lineno, part.col_offset), (part.end_lineno or part.lineno, part.end_col_offset or 0)


def _cosmic_ray(text: str) -> Iterator[tuple[_Place, _Change]]:
    nodes = list(ast_nodes(get_ast(text)))
    for name in operator_names():
        if any(left_out in name for left_out in _LEFT_OUT) or _turns_identity_into_equality(name):
            continue
        operator = get_operator(name)()
        found = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(found):
            yield start, lambda operator=operator, number=occurrence: mutate_code(text, operator, number)  # type: ignore[misc]


def _turns_identity_into_equality(name: str) -> bool:
    _, _, ways = name.partition("ReplaceComparisonOperator_")
    identities = [way in {"Is", "IsNot"} for way in ways.split("_")]
    return any(identities) and not all(identities)


def _own(text: str) -> Iterator[tuple[_Place, _Change]]:
    tree = ast.parse(text)
    words = {id(word) for node in ast.walk(tree) for word in _words(node)}
    for node in ast.walk(tree):
        for part, instead in (*_mistakes(node, words), *_uncaught(node)):
            yield (
                (part.lineno, part.col_offset),
                lambda part=part, instead=instead: _replaced(text, part, instead),  # type: ignore[misc]
            )


def _words(node: ast.AST) -> Iterator[ast.AST]:
    """Give what says nothing to the machine: documentation, types, and what an error is told to be about."""
    match node:
        case ast.Expr() | ast.keyword(arg="what"):
            yield node.value
        case ast.Call(func=ast.Name(id="translated")) | ast.Raise():
            yield from ast.walk(node)
        case ast.Call(func=ast.Name(id="cast" | "TypeVar"), args=[first, *_]):
            yield from ast.walk(first)
        case (
            ast.AnnAssign(annotation=ast.expr() as kind)
            | ast.arg(annotation=ast.expr() as kind)
            | ast.FunctionDef(returns=ast.expr() as kind)
        ):
            yield from ast.walk(kind)


def _uncaught(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Give another error for each that is caught."""
    match node:
        case ast.ExceptHandler(type=ast.Tuple(elts=caught)):
            yield from ((each, "NotImplementedError") for each in caught)
        case ast.ExceptHandler(type=ast.expr() as caught_one):
            yield caught_one, "NotImplementedError"


def _mistakes(node: ast.AST, words: set[int]) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Give what could stand instead of a part: nothing for a statement, less for a call, the opposite for a word."""
    match node:
        case (
            ast.Raise()
            | ast.AugAssign()
            | ast.Expr(value=ast.Call())
            | ast.Assign(targets=[ast.Attribute() | ast.Subscript()])
        ):
            yield node, "pass"
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield node, "return None"
        case ast.Call(keywords=[_, *_]):
            for left_out in node.keywords:
                fewer = [keyword for keyword in node.keywords if keyword is not left_out]
                yield node, ast.unparse(ast.Call(node.func, node.args, fewer))
        case ast.BoolOp():
            for without in node.values:
                rest = [value for value in node.values if value is not without]
                yield node, f"({ast.unparse(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))})"
        case ast.Name(id=name) if name in _OPPOSITES:
            yield node, _OPPOSITES[name]
        case ast.Constant(value=str() as word) if word and " " not in word and id(node) not in words:
            yield node, repr(f"{word}~")


def _replaced(text: str, part: ast.expr | ast.stmt, instead: str) -> str:
    lines = text.encode().splitlines(keepends=True)
    end_line, end = part.end_lineno or part.lineno, part.end_col_offset or 0
    before = b"".join(lines[: part.lineno - 1]) + lines[part.lineno - 1][: part.col_offset]
    after = lines[end_line - 1][end:] + b"".join(lines[end_line:])
    return (before + instead.encode() + after).decode()
