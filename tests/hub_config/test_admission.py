"""Who gets a seat and who waits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub_config.admission import Verdict, seats_wanted
from hub_config.admission import decide as decide_fully
from hub_config.plan import Booking, Limits, Plan, Quota

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
A, B = frozenset({"class-a", "school"}), frozenset({"class-b", "school"})
STANDARD = Limits(1024, 1.0)


def decide(
    plan: Plan, moment: datetime, groups: frozenset[str], running: dict[str, frozenset[str]], seats: int
) -> Verdict:
    return decide_fully(plan, moment, groups, running, seats, STANDARD)


def _booking(group: str, seats: int, begins: datetime = NOON, hours: float = 1) -> Booking:
    return Booking(group=group, seats=seats, begins=begins, ends=begins + timedelta(hours=hours))


def _people(groups: frozenset[str], number: int, prefix: str = "p") -> dict[str, frozenset[str]]:
    return {f"{prefix}{index}": groups for index in range(number)}


def test_without_limits_everybody_is_admitted() -> None:
    assert decide(Plan(), NOON, A, _people(A, 1000), 0) is Verdict.ADMITTED


def test_seats_are_taken_until_none_is_left() -> None:
    assert decide(Plan(), NOON, A, _people(A, 9), 10) is Verdict.ADMITTED
    assert decide(Plan(), NOON, A, _people(A, 10), 10) is Verdict.FULL


def test_booked_seats_are_kept_for_the_class_and_walk_ins_take_the_rest() -> None:
    plan = Plan(bookings=(_booking("class-a", 8),))
    assert decide(plan, NOON, B, _people(B, 1), 10) is Verdict.ADMITTED
    assert decide(plan, NOON, B, _people(B, 2), 10) is Verdict.FULL
    assert decide(plan, NOON, A, _people(B, 2), 10) is Verdict.ADMITTED
    after = NOON + timedelta(hours=1)
    assert decide(plan, after, B, _people(B, 2), 10) is Verdict.ADMITTED


def test_a_class_or_a_school_over_its_quota_waits_and_others_do_not() -> None:
    plan = Plan(quotas={"class-a": Quota(sessions_most=2), "school": Quota(sessions_most=3)})
    assert decide(plan, NOON, A, _people(A, 2), 0) is Verdict.QUOTA
    assert decide(plan, NOON, B, _people(A, 2), 0) is Verdict.ADMITTED
    assert decide(plan, NOON, B, _people(A, 2) | _people(B, 1, "q"), 0) is Verdict.QUOTA


def test_memory_and_processors_of_a_class_are_shared_by_its_sessions() -> None:
    plan = Plan(quotas={"class-a": Quota(memory_most_mib=4096, session_memory_mib=2048), "school": Quota()})
    assert decide(plan, NOON, A, _people(A, 1), 0) is Verdict.ADMITTED
    assert decide(plan, NOON, A, _people(A, 2), 0) is Verdict.QUOTA
    assert decide(plan, NOON, B, _people(A, 2), 0) is Verdict.ADMITTED
    # The school counts what each of its sessions really has.
    plan = Plan(quotas={"class-a": Quota(session_cpu_cores=0.5), "school": Quota(cpu_most_cores=2)})
    assert decide(plan, NOON, A, _people(A, 3), 0) is Verdict.ADMITTED
    assert decide(plan, NOON, B, _people(A, 3), 0) is Verdict.QUOTA


def test_outside_the_hours_it_is_closed() -> None:
    plan = Plan.model_validate({"quotas": {"class-a": {"opens": "08:00", "closes": "12:00"}}})
    assert decide(plan, NOON, A, {}, 0) is Verdict.CLOSED
    assert decide(plan, NOON - timedelta(minutes=1), A, {}, 0) is Verdict.ADMITTED
    assert decide(plan, NOON, B, {}, 0) is Verdict.ADMITTED


def test_the_pool_is_warmed_before_a_class_comes_and_not_for_those_who_are_there() -> None:
    plan = Plan(bookings=(_booking("class-a", 40),))
    before = NOON - timedelta(minutes=10)
    assert seats_wanted(plan, before, before + timedelta(minutes=5), {}) == 0
    assert seats_wanted(plan, before, before + timedelta(minutes=15), {}) == 40
    assert seats_wanted(plan, NOON, NOON, _people(A, 30)) == 10
    assert seats_wanted(plan, NOON + timedelta(hours=1), NOON + timedelta(hours=2), {}) == 0


@given(
    seats=st.integers(1, 30),
    kept=st.integers(1, 30),
    asking=st.lists(st.booleans(), max_size=80),
)
def test_seats_are_never_exceeded_and_walk_ins_never_take_kept_ones(seats: int, kept: int, asking: list[bool]) -> None:
    plan = Plan(bookings=(_booking("class-a", kept),))
    running: dict[str, frozenset[str]] = {}
    for number, booked in enumerate(asking):
        groups = A if booked else B
        if decide(plan, NOON, groups, running, seats) is Verdict.ADMITTED:
            running[str(number)] = groups
    members = sum(groups == A for groups in running.values())
    assert len(running) <= seats
    assert len(running) - members <= max(0, seats - kept)
    if asking.count(True) >= seats:
        assert members >= min(kept, seats - (len(running) - members))
