"""A small line that uses every feature of the model."""

from __future__ import annotations

from simulators.production_line.scenario import ProductionLine

__all__ = ["example"]


def example() -> ProductionLine:
    """Return the line: three stations, parallel machines, failures, finite and endless buffers."""
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "warm_up_s": 60,
            "horizon_s": 1200,
            "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 12}},
            "stations": [
                {
                    "name": "press",
                    "buffer_places": None,
                    "service": {"kind": "gamma", "shape": 4, "mean_s": 9},
                    "failures": {
                        "up_time": {"kind": "exponential", "mean_s": 300},
                        "repair_time": {"kind": "lognormal", "mean_s": 40, "cv": 0.5},
                    },
                },
                {"name": "paint", "machines": 2, "service": {"kind": "uniform", "low_s": 12, "high_s": 24}},
                {"name": "pack", "buffer_places": 2, "service": {"kind": "deterministic", "value_s": 9}},
            ],
        }
    )
