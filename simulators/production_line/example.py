"""A small line that uses every feature of the model, and one of single machines in a row."""

from __future__ import annotations

from simulators.production_line.scenario import ProductionLine

__all__ = ["example", "serial_example"]


def example() -> ProductionLine:
    """Return the line: two part types and a component, people, failures, maintenance, rework, a Kanban loop."""
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "warm_up_s": 60,
            "horizon_s": 2400,
            "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 24}},
            "shifts": [
                {
                    "name": "day",
                    "cycle_s": 1200,
                    "periods": [{"start_s": 0, "end_s": 500}, {"start_s": 560, "end_s": 1200}],
                }
            ],
            "crews": [
                {"name": "operators", "members": 2, "skills": ["assembling", "setting"], "shift": "day"},
                {"name": "repairers", "skills": ["repairing"]},
            ],
            "part_types": [
                {"name": "pump", "share": 2, "route": ["press", "paint", "assemble", "pack"]},
                {
                    "name": "valve",
                    "route": [
                        {"station": "press", "service": {"kind": "deterministic", "value_s": 6}},
                        "assemble",
                        "press",
                        "pack",
                    ],
                },
                {
                    "name": "seal",
                    "route": ["mould"],
                    "feeds": "assemble",
                    "release": {"kind": "constant_wip", "parts": 5},
                },
            ],
            "stations": [
                {
                    "name": "press",
                    "buffer_places": None,
                    "dispatching": "setup",
                    "service": {"kind": "gamma", "shape": 4, "mean_s": 9},
                    "setup": {
                        "time": {"kind": "uniform", "low_s": 2, "high_s": 4},
                        "changeovers": [
                            {
                                "before": "pump",
                                "after": "valve",
                                "time": {"kind": "triangular", "low_s": 3, "mode_s": 5, "high_s": 9},
                            }
                        ],
                        "skill": "setting",
                    },
                    "failures": {
                        "up_time": {"kind": "exponential", "mean_s": 300},
                        "repair_time": {"kind": "lognormal", "mean_s": 40, "cv": 0.5},
                        "skill": "repairing",
                    },
                    "maintenance": {
                        "every_s": 400,
                        "duration": {"kind": "deterministic", "value_s": 20},
                        "skill": "repairing",
                    },
                    "power": {"idle_w": 300, "busy_w": 2200},
                },
                {
                    "name": "paint",
                    "machines": 2,
                    "buffer_places": 2,
                    "conveyor": {"transport_time_s": 15, "capacity": 4},
                    "service": {"kind": "uniform", "low_s": 12, "high_s": 24},
                    "defect_probability": 0.1,
                    "shift": "day",
                    "failures": {
                        "clock": "operation",
                        "up_time": {"kind": "weibull", "shape": 2, "scale_s": 300},
                        "repair_time": {"kind": "exponential", "mean_s": 30},
                    },
                    "maintenance": {
                        "every_s": 200,
                        "clock": "operation",
                        "duration": {"kind": "deterministic", "value_s": 10},
                    },
                },
                {"name": "mould", "kanban_cards": 2, "service": {"kind": "deterministic", "value_s": 9}},
                {
                    "name": "assemble",
                    "machines": 2,
                    "buffer_places": 3,
                    "service": {"kind": "exponential", "mean_s": 16},
                    "service_skill": "assembling",
                    "assembly": {"components": {"seal": {"count": 2, "places": 4}}},
                },
                {
                    "name": "pack",
                    "buffer_places": 2,
                    "dispatching": "edd",
                    "service": {"kind": "deterministic", "value_s": 9},
                    "defect_probability": 0.05,
                    "inspection": {"detection": 0.9, "false_alarm": 0.02, "rework": "mend"},
                },
                {"name": "mend", "buffer_places": None, "service": {"kind": "exponential", "mean_s": 20}},
            ],
        }
    )


def serial_example() -> ProductionLine:
    """Return three machines in a row, one of which fails by the calendar and one by what it has worked."""
    service = {"kind": "exponential", "mean_s": 10}
    failures = {
        "up_time": {"kind": "weibull", "shape": 1.5, "scale_s": 200},
        "repair_time": {"kind": "lognormal", "mean_s": 30, "cv": 0.5},
    }
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "warm_up_s": 60,
            "horizon_s": 2400,
            "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 12}},
            "stations": [
                {"name": "saw", "service": service, "buffer_places": None, "failures": failures},
                {"name": "mill", "service": service, "buffer_places": 2},
                {"name": "drill", "service": service, "failures": {**failures, "clock": "operation"}},
            ],
        }
    )
