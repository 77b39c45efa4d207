"""What a student holds in her notebook: simulate, look, decide, submit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from tqdm.auto import tqdm

from labs import display
from labs.catalog import CATALOG, Catalog
from labs.client import Away, GradingClient
from labs.cluster_chart import cluster_chart
from labs.errors import DecisionError, SessionError, SubmissionError
from labs.fault_words import fault_text
from labs.phrases import say
from labs.policy import POLICY
from labs.policy_source import functions_of, source_of
from labs.progress import settled
from labs.spool import Spool
from labs.study_view import StudyView
from labs.twin import twin_of
from simulators import PolicyError, Run, Study, replicate, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from labs.display import Fragment
    from labs.lab import Lab
    from twins.picture import Picture
    from twins.twin import Twin

    Policy: TypeAlias = str | Callable[..., object] | Mapping[str, Callable[..., object]]

__all__ = ["Workbench", "open_lab"]

TRY_REPLICATIONS = 10


def open_lab(slug: str, *, language: str = "zh") -> Workbench:
    """Open a lab.

    Parameters
    ----------
    slug
        Its name, such as ``pcb-bottleneck``.
    language
        ``zh`` or ``en``.

    Raises
    ------
    labs.UnknownLabError
        The catalogue has no such lab.
    """
    root = os.environ.get("SHIXUN_LAB_CATALOG")
    bench = Workbench(Catalog(Path(root) if root else CATALOG).lab(slug), language)
    bench.send_waiting()
    return bench


class Workbench:
    """A lab, ready to work with.

    Parameters
    ----------
    lab
        The lab.
    language
        ``zh`` or ``en``.
    spool
        Where submissions wait; in the student's home by default.
    """

    def __init__(self, lab: Lab, language: str = "zh", spool: Spool | None = None) -> None:
        self.lab = lab
        self.language = language
        self._spool = spool or Spool()

    def simulate(
        self, decision: Mapping[str, int] | None = None, *, policy: Policy | None = None, seed: int = 1
    ) -> Run:
        """Run the plant once, as a decision changes it.

        Parameters
        ----------
        decision
            Units by lever; nothing is changed by default.
        policy
            Function of your own that decides, in a lab that asks for one.
        seed
            From 0; another seed is another piece of luck.
        """
        return simulate(self.lab.scenario_for(decision or {}), seed=seed, policies=self._functions(policy))

    def replicate(
        self,
        decision: Mapping[str, int] | None = None,
        *,
        policy: Policy | None = None,
        replications: int = 20,
        seed: int = 1,
    ) -> StudyView:
        """Run the plant many times, with a progress bar.

        Parameters
        ----------
        decision
            Units by lever; nothing is changed by default.
        policy
            Function of your own that decides, in a lab that asks for one.
        replications
            How often, from 1.
        seed
            From 0; the same seed gives every decision the same luck.
        """
        scenario = self.lab.scenario_for(decision or {})
        with tqdm(total=replications, desc=say("replications", self.language), leave=False) as bar:
            study = replicate(
                scenario,
                replications=replications,
                seed=seed,
                policies=self._functions(policy),
                progress=lambda done, _: _advance(bar, done),
            )
        return StudyView(study, self.lab, self.language)

    def compare(
        self,
        plans: Mapping[str, Mapping[str, int] | Callable[..., object]],
        *,
        decision: Mapping[str, int] | None = None,
        replications: int = 20,
        seed: int = 1,
    ) -> Fragment:
        """Run several plans with the same random numbers and show them side by side.

        Parameters
        ----------
        plans
            By the name to show: a decision, or a function of your own that decides.
        decision
            Units by lever for the plans that are functions; nothing is changed by default.
        replications, seed
            As of :meth:`replicate`.
        """
        policies = {name: plan for name, plan in plans.items() if callable(plan)}
        checked = {name: self.lab.check((decision or {}) if callable(plan) else plan) for name, plan in plans.items()}
        studies = {
            name: self.replicate(plan, policy=policies.get(name), replications=replications, seed=seed).study
            for name, plan in checked.items()
        }
        unit = self.lab.budget.unit.in_language(self.language)
        costs = {name: f"{self.lab.cost(plan):g} {unit}" for name, plan in checked.items()}
        return display.comparison(studies, costs, self.lab.file.highlights, self.language)

    def chart(self, study: StudyView | Study) -> Fragment:
        """Show where each station's time goes."""
        measured = study.study if isinstance(study, StudyView) else study
        return display.station_chart(measured, dict(self._station_labels()), self.language)

    def cluster_chart(self, run: Run) -> Picture:
        """Show who ran where and when on a compute cluster, and how many jobs waited."""
        return cluster_chart(run, self.language)

    @overload
    def twin(self, run: Run | Twin, **shown: Any) -> Any: ...  # noqa: ANN401 - a widget

    @overload
    def twin(
        self, run: None = None, *, decision: Mapping[str, int] | None = None, seed: int = 1, fresh: bool = False
    ) -> Twin: ...

    def twin(
        self,
        run: Run | Twin | None = None,
        *,
        decision: Mapping[str, int] | None = None,
        seed: int = 1,
        fresh: bool = False,
        **shown: Any,
    ) -> Any:
        """Show a run in three dimensions, or, without one, return the plant's digital twin where it was left.

        Parameters
        ----------
        run
            What is to be shown: a run, or a twin up to its present.
        **shown
            ``start_s`` and ``end_s`` choose the part of it; a garden is seen in its ``season`` and at its ``hour``.
        decision, seed
            Which plant the twin is of: units by lever, nothing changed by default, and its luck. Each has a twin of its
            own, kept in the student's volume.
        fresh
            Begin a new twin.

        Raises
        ------
        labs.DecisionError
            The decision does not fit.
        twins.errors.ReplayError
            The rules of the simulation have changed since the twin was left.
        """
        if run is None:
            return twin_of(self.lab, decision or {}, seed, fresh=fresh, language=self.language)
        import twins

        return twins.show(run, language=self.language, **shown)

    def form(self, policy: Policy | None = None) -> Any:  # noqa: ANN401 - a widget
        """Show sliders for every lever, with buttons to try and to submit.

        Parameters
        ----------
        policy
            Function of your own that decides, in a lab that asks for one; it is tried and submitted with the levers.
        """
        from labs.form import DecisionForm

        if policy is None:
            return DecisionForm(
                self.lab, self.language, attempt=self._attempt, submit=lambda decision: [self.submit(decision)]
            ).widget
        return DecisionForm(
            self.lab,
            self.language,
            attempt=lambda decision: [self.try_policy(policy, decision)],
            submit=lambda decision: [self.submit_policy(policy, decision)],
        ).widget

    def starter(self) -> Fragment:
        """Show code to begin a policy with; in a notebook, it is put into a new cell below as well."""
        code = "\n".join(slot.starter.in_language(self.language) for slot in self.lab.policies if slot.starter)
        if code:
            display.offer(code)
        return display.code(code) if code else display.note(say("no_policy", self.language))

    def try_policy(
        self,
        policy: Policy,
        decision: Mapping[str, int] | None = None,
        *,
        replications: int = TRY_REPLICATIONS,
        seed: int = 1,
    ) -> StudyView | Fragment:
        """Run a policy of your own here, just as it would be handed in, and show what it gives, or its faulty line.

        Parameters
        ----------
        policy
            Function, or the source of a module, or functions by decision point.
        decision
            Units by lever; nothing is changed by default.
        replications, seed
            As of :meth:`replicate`.
        """
        try:
            source = source_of(policy, self.lab)
            return self.replicate(decision, policy=source, replications=replications, seed=seed)
        except DecisionError as error:
            return display.refused(error, self.language)
        except PolicyError as error:
            what = fault_text(str(error).partition(": ")[2], self.language)
            return display.policy_fault(source, error.line, what, self.language)

    def submit_policy(
        self, policy: Policy, decision: Mapping[str, int] | None = None, *, wait_s: float = 600.0
    ) -> Fragment:
        """Hand in a policy of your own, with what is bought, and wait for its score; see :meth:`submit`.

        Parameters
        ----------
        policy, decision
            As of :meth:`try_policy`.
        wait_s
            How long to wait for the score; grading goes on without us.
        """
        try:
            source = source_of(policy, self.lab)
            return self.submit({**(decision or {}), POLICY: source}, wait_s=wait_s)
        except DecisionError as error:
            return display.refused(error, self.language)

    def submit(self, decision: Mapping[str, Any], *, wait_s: float = 120.0) -> Fragment:
        """Hand in a decision and wait for its score.

        The submission is on disk before it is sent. If the grading service is away it stays there and is sent later.

        Parameters
        ----------
        decision
            Units by lever.
        wait_s
            How long to wait for the score; grading goes on without us.

        Raises
        ------
        labs.DecisionError
            The decision does not fit; nothing is sent.
        labs.SessionError
            This is not a student's session.
        """
        checked = self.lab.complete(decision)
        client = GradingClient.from_environment(self.language)
        waiting = self._spool.add(self.lab.slug, checked)
        try:
            receipt = self._spool.send(waiting, client)
        except Away as away:
            self._spool.drain_later(client)
            return display.note(say("kept", self.language, why=away, key=waiting.key))
        except SubmissionError as error:
            return display.note(say("refused", self.language, why=error))
        return self._await(client, receipt["id"], wait_s, checked.get(POLICY, ""))

    def outcomes(self) -> Fragment:
        """Show the student's outcomes in this lab, newest first, and what the newest was given for."""
        self.send_waiting()
        try:
            client = GradingClient.from_environment(self.language)
            found = client.outcomes(self.lab.slug)
            newest = [client.outcome(outcome["id"]) for outcome in found[:1]]
        except SessionError as error:
            return display.note(str(error))
        except Away as away:
            return display.note(say("away", self.language, why=away))
        shown = [display.outcome_table(outcome, self.lab.levers, self.language) for outcome in newest]
        if len(found) > 1:
            shown.append(display.outcome_list(found, self.language))
        waiting = len(self._spool.waiting())
        if waiting:
            shown.append(display.note(say("waiting", self.language, count=waiting)))
        if not shown:
            return display.note(say("no_outcome", self.language))
        return display.joined(*shown)

    def send_waiting(self) -> None:
        """Send what an earlier session had to leave in the spool, in the background."""
        if not self._spool.waiting():
            return
        try:
            client = GradingClient.from_environment(self.language)
        except SessionError:
            return
        self._spool.drain_later(client)

    def _functions(self, policy: Policy | None) -> Mapping[str, Callable[..., object]] | None:
        """Return a policy's functions made from its source: what runs here is what would be handed in."""
        return None if policy is None else functions_of(source_of(policy, self.lab), self.lab)

    def _attempt(self, decision: Mapping[str, int]) -> tuple[StudyView | Fragment, ...]:
        study = self.replicate(decision, replications=TRY_REPLICATIONS)
        return (study, self.chart(study)) if dict(self._station_labels()) else (study,)

    def _await(self, client: GradingClient, number: str, wait_s: float, source: str) -> Fragment:
        state = settled(client, number, wait_s)
        if state is None:
            return display.note(say("still_grading", self.language))
        if state["state"] == "failed":
            told = display.note(say("failed", self.language, why=state.get("failure") or ""))
            return display.joined(told, display.code(source, numbered=True)) if source else told
        try:
            outcome = client.outcome(state["outcome_id"])
        except Away as away:
            return display.note(say("away", self.language, why=away))
        return display.outcome_table(outcome, self.lab.levers, self.language)

    def _station_labels(self) -> Iterator[tuple[str, str]]:
        for station in getattr(self.lab.scenario, "stations", ()):
            yield station.name, station.label.in_language(self.language) if station.label else station.name

    def _repr_html_(self) -> str:
        return display.describe(self.lab, self.language).html

    def __repr__(self) -> str:
        """Return the lab's description as plain text."""
        return display.describe(self.lab, self.language).text


def _advance(bar: tqdm[Any], done: int) -> None:
    bar.n = done
    bar.refresh()
