"""Arrays that compiled code uses without counting references to them.

Numba counts a reference whenever an array, or a tuple of arrays, is handed to a function. In an event loop that hands a
whole plant's state to a dozen small functions for each event, counting costs ten times the simulation itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba.core import cgutils, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from llvmlite.ir import IRBuilder, Value

__all__ = ["borrowed"]


def _borrowed(typing_context: Any, value: Any) -> Any:  # noqa: ANN401 - Numba's own
    """Type and generate :data:`borrowed`."""
    del typing_context

    def generate(context: Any, builder: IRBuilder, signature: Any, arguments: tuple[Value]) -> Value:  # noqa: ANN401
        return _uncounted(context, builder, signature.args[0], arguments[0])

    return value(value), generate


borrowed: Any = intrinsic(_borrowed)
"""Returns an array, or a tuple of arrays and numbers, whose references are not counted.

For compiled code only. Whoever calls the compiled function keeps the arrays alive until it returns.
"""


def _uncounted(context: Any, builder: IRBuilder, kind: Any, value: Value) -> Value:  # noqa: ANN401
    if isinstance(kind, types.Array):
        array = cgutils.create_struct_proxy(kind)(  # type: ignore[no-untyped-call]
            context, builder, value=value
        )
        array.meminfo = cgutils.get_null_value(array.meminfo.type)  # type: ignore[no-untyped-call]
        return array._getvalue()
    if isinstance(kind, types.Number | types.Boolean):
        return value
    for position, member in enumerate(kind):
        old = builder.extract_value(value, position)
        value = builder.insert_value(value, _uncounted(context, builder, member, old), position)
    return value
