"""What a student decides: how many units, or which choice, of each lever, within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from labs.errors import DecisionError, FieldError
from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators import Scenario

__all__ = ["Budget", "Choice", "Decision", "Lever", "TargetError", "apply", "check", "cost"]

Decision = Mapping[str, int]
"""Units bought, by lever; a lever that is not named stays as it is."""

LONGEST_VALUE = 40


class Budget(BaseModel):
    """What a decision may cost.

    Parameters
    ----------
    limit
        The most that all units together may cost.
    unit
        Of the limit and of every cost, such as 10,000 yuan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    limit: PositiveFloat
    unit: Text


class Choice(BaseModel):
    """One of the things that a lever may be set to."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    label: Text
    value: JsonValue = Field(description="what stands in the scenario then")


class Lever(BaseModel):
    """Something that can be bought by the unit and changes one number of the scenario, or chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    label: Text
    target: str = Field(description="dotted path of what it changes, list members by name: stations.ict.machines")
    operation: Literal["add", "multiply", "set", "choose"] = Field(
        description="what each unit does to the number; set: 0 units leave it, others make it units times the amount; "
        "choose: 0 leaves what is there, 1 makes it the first choice, and so on"
    )
    amount: float = Field(default=1.0, description="added, multiplied with, or set, for each unit")
    maximum: PositiveInt = Field(le=1000, description="most units that can be bought; of choices, how many there are")
    cost: NonNegativeFloat = Field(description="cost of one unit, or of any choice, in the budget's unit")
    choices: tuple[Choice, ...] = Field(default=(), max_length=20, description="with the operation choose only")

    @model_validator(mode="after")
    def _has_its_choices(self) -> Self:
        wanted = self.maximum if self.operation == "choose" else 0
        if len(self.choices) != wanted:
            message = f"choices must be {wanted} with operation = {self.operation!r} and maximum = {self.maximum}"
            raise ValueError(message)
        return self

    def cost_of(self, units: int) -> float:
        """Return what so many units, or that choice, cost."""
        return self.cost * (min(units, 1) if self.operation == "choose" else units)


def check(decision: object, levers: Sequence[Lever], budget: Budget) -> Decision:
    """Return a decision that fits, with every lever named in the lab's order.

    Parameters
    ----------
    decision
        Whatever was submitted.
    levers, budget
        What is allowed.

    Raises
    ------
    DecisionError
        It is not a mapping, names an unknown lever, gives a lever a value that is not a whole number from 0 to its
        maximum, or costs more than the budget.
    """
    if not isinstance(decision, Mapping):
        raise DecisionError([_not_a_mapping(decision)])
    errors = list(_field_errors(decision, levers))
    if errors:
        raise DecisionError(errors)
    complete = {lever.name: int(decision.get(lever.name, 0)) for lever in levers}
    spent = cost(complete, levers)
    if spent > budget.limit:
        raise DecisionError([_too_expensive(spent, budget)])
    return complete


def cost(decision: Decision, levers: Sequence[Lever]) -> float:
    """Return what a decision costs, in the budget's unit."""
    return sum(lever.cost_of(decision.get(lever.name, 0)) for lever in levers)


def apply(decision: Decision, levers: Sequence[Lever], scenario: Scenario) -> Scenario:
    """Return the scenario as the decision changes it.

    Parameters
    ----------
    decision
        A checked decision.
    levers
        What its units do.
    scenario
        The lab's scenario; it stays as it is.

    Raises
    ------
    TargetError
        A lever's target is not in the scenario, or not a number where it must be one.
    pydantic.ValidationError
        The changed scenario is not valid.
    """
    data = scenario.model_dump()
    for lever in levers:
        units = decision.get(lever.name, 0)
        holder, key = _find(data, lever)
        if units:
            holder[key] = _changed(holder[key], lever, units)
    return type(scenario).model_validate(data)


def _changed(before: Any, lever: Lever, units: int) -> Any:  # noqa: ANN401 - a part of JSON-like data
    """Return what a lever makes of what it finds."""
    if lever.operation == "choose":
        return lever.choices[units - 1].value
    if lever.operation == "set":
        after = lever.amount * units
    elif lever.operation == "add":
        after = before + lever.amount * units
    else:
        after = before * lever.amount**units
    return int(after) if isinstance(before, int) and float(after).is_integer() else after


class TargetError(ValueError):
    """A lever's target is not in the scenario, or not a number where it must be one."""

    def __init__(self, lever: Lever, why: str) -> None:
        self.lever = lever
        super().__init__(f"target = {lever.target!r} of lever {lever.name!r} {why}")


def _find(data: dict[str, Any], lever: Lever) -> tuple[Any, Any]:
    *path, last = lever.target.split(".")
    here: Any = data
    for part in path:
        here = _member(here, part, lever)
    key: Any = last
    value = _member(here, last, lever)
    if lever.operation != "choose" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TargetError(lever, f"is {value!r}, not a number")
    return here, key


def _member(here: object, part: str, lever: Lever) -> Any:  # noqa: ANN401 - a part of JSON-like data
    if isinstance(here, dict) and part in here:
        return here[part]
    if isinstance(here, list | tuple):
        for member in here:
            if isinstance(member, dict) and member.get("name") == part:
                return member
    raise TargetError(lever, f"leads nowhere at {part!r}; check it against scenario.yaml")


def _field_errors(decision: Mapping[Any, Any], levers: Sequence[Lever]) -> Iterator[FieldError]:
    known = {lever.name: lever for lever in levers}
    for name, value in decision.items():
        lever = known.get(name)
        if lever is None:
            bound = ", ".join(known)
            yield FieldError(
                _shown(name, quote=False),
                _shown(value),
                bound,
                Text(
                    zh=f"没有名为 {_shown(name)} 的投入项；可选：{bound}。",
                    en=f"There is no lever {_shown(name)}; choose from: {bound}.",
                ),
            )
        elif isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= lever.maximum:
            yield FieldError(
                lever.name,
                _shown(value),
                f"0 … {lever.maximum}",
                Text(
                    zh=f"{lever.label.zh}（{lever.name}）= {_shown(value)}：应为 0 到 {lever.maximum} 的整数。",
                    en=f"{lever.label.en} ({lever.name}) = {_shown(value)}: "
                    f"must be a whole number from 0 to {lever.maximum}.",
                ),
            )


def _not_a_mapping(decision: object) -> FieldError:
    return FieldError(
        "decision",
        _shown(decision),
        "{lever: units}",
        Text(
            zh=f"decision = {_shown(decision)}：应为「投入项: 数量」的映射。",
            en=f"decision = {_shown(decision)}: must be a mapping of lever to units.",
        ),
    )


def _too_expensive(spent: float, budget: Budget) -> FieldError:
    return FieldError(
        "decision",
        f"{spent:g}",
        f"≤ {budget.limit:g}",
        Text(
            zh=f"方案总投入 {spent:g} {budget.unit.zh}，超出预算 {budget.limit:g} {budget.unit.zh}；请减少投入。",
            en=f"The decision costs {spent:g} {budget.unit.en}, over the budget of "
            f"{budget.limit:g} {budget.unit.en}; buy less.",
        ),
    )


def _shown(value: object, *, quote: bool = True) -> str:
    text = repr(value) if quote else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
