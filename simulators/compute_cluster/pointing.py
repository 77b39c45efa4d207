"""Handing a large state to compiled functions by its address.

A tuple of many arrays is taken apart and put together again at every call, and compiling that takes far longer than
compiling what the functions do. Here the tuple stands on the stack of the outermost function, whose callees get its
address and read only those arrays which they use. Like :mod:`simulators.borrowing`, it counts no references.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, register_model

from simulators.borrowing import _uncounted as uncounted  # the one way to drop a count

if TYPE_CHECKING:
    from llvmlite.ir import IRBuilder, Value

__all__ = ["pointed"]

ADDRESS = ir.IntType(8).as_pointer()


class Pointed(types.Type):
    """The type of the address of a tuple.

    Parameters
    ----------
    members
        The named tuple's type.
    """

    def __init__(self, members: Any) -> None:  # noqa: ANN401 - a type of Numba's
        self.members = members
        super().__init__(name=f"Pointed_{hashlib.sha256(str(members).encode()).hexdigest()[:16]}")


@register_model(Pointed)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Pointed) -> None:  # noqa: ANN401
        super().__init__(manager, kind, ADDRESS)  # type: ignore[no-untyped-call]


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Pointed

    def generic_resolve(self, kind: Pointed, name: str) -> Any:  # type: ignore[override]  # noqa: ANN401
        return kind.members.types[kind.members.fields.index(name)] if name in kind.members.fields else None


@lower_getattr_generic(Pointed)  # type: ignore[untyped-decorator, no-untyped-call]
def _member(context: Any, builder: IRBuilder, kind: Pointed, value: Value, name: str) -> Value:  # noqa: ANN401
    position = kind.members.fields.index(name)
    place = builder.bitcast(value, context.get_value_type(kind.members).as_pointer())
    member = builder.load(cgutils.gep_inbounds(builder, place, 0, position))  # type: ignore[no-untyped-call]
    return uncounted(context, builder, kind.members.types[position], member)


def _pointed(typing: Any, value: Any) -> Any:  # noqa: ANN401
    del typing

    def generate(context: Any, builder: IRBuilder, signature: Any, arguments: tuple[Value]) -> Value:  # noqa: ANN401
        bare = uncounted(context, builder, signature.args[0], arguments[0])
        return builder.bitcast(cgutils.alloca_once_value(builder, bare), ADDRESS)  # type: ignore[no-untyped-call]

    return Pointed(value)(value), generate


pointed: Any = intrinsic(_pointed)
"""Returns the address of a named tuple of arrays, on the stack of the function that calls this; for compiled code only.

Its fields are read as those of the tuple itself. Whoever calls the outermost function keeps the arrays alive.
"""
