"""A small cluster that uses every feature which can be had together."""

from __future__ import annotations

from simulators.compute_cluster.scenario import ComputeCluster

__all__ = ["example"]


def example() -> ComputeCluster:
    """Return the cluster: CPU and GPU nodes in racks that fail and sleep, a mix of jobs, EASY with preemption."""
    never_long = {"kind": "exponential", "mean_s": 20_000}
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "warm_up_s": 600,
            "horizon_s": 14_400,
            "cross_rack_slowdown": 0.1,
            "node_types": [
                {
                    "name": "cpu",
                    "nodes": 4,
                    "nodes_per_rack": 2,
                    "cores": 8,
                    "memory_gib": 32,
                    "idle_w": 100,
                    "busy_w": 300,
                    "failures": {"up_time": never_long, "repair_time": {"kind": "deterministic", "value_s": 600}},
                    "sleep": {"after_s": 300, "wake_s": 60, "power_w": 10},
                },
                {
                    "name": "gpu",
                    "nodes": 3,
                    "nodes_per_rack": 2,
                    "cores": 16,
                    "gpus": 4,
                    "gpu_type": "a100",
                    "memory_gib": 64,
                    "idle_w": 300,
                    "busy_w": 1500,
                    "rack_limit_w": 2900,
                    "rack_failures": {"up_time": never_long, "repair_time": {"kind": "exponential", "mean_s": 900}},
                },
            ],
            "partitions": [
                {"name": "compute", "node_types": ["cpu"]},
                {"name": "accelerated", "node_types": ["gpu", "cpu"]},
            ],
            "jobs": {
                "kind": "mix",
                "classes": [
                    {
                        "name": "training",
                        "queue": "accelerated",
                        "users": 3,
                        "interval": {"kind": "exponential", "mean_s": 1300},
                        "run": {"kind": "lognormal", "mean_s": 1500, "cv": 1.0},
                        "estimate_factor": 2.0,
                        "sizes": [{"tasks": 1, "weight": 3}, {"tasks": 2}, {"tasks": 5}],
                        "cores": 4,
                        "gpus": 2,
                        "gpu_type": "a100",
                        "memory_gib": 8,
                        "priority": 10,
                        "checkpoint": {"interval_s": 300, "cost_s": 10, "restart_s": 20},
                    },
                    {
                        "name": "search",
                        "queue": "accelerated",
                        "users": 2,
                        "interval": {"kind": "exponential", "mean_s": 2400},
                        "run": {"kind": "uniform", "low_s": 60, "high_s": 600},
                        "array": 8,
                        "at_once": 4,
                        "cores": 2,
                        "gpus": 1,
                        "deadline_factor": 20,
                    },
                    {
                        "name": "notebook",
                        "queue": "accelerated",
                        "users": 4,
                        "interval": {"kind": "exponential", "mean_s": 900},
                        "run": {"kind": "exponential", "mean_s": 900},
                        "gpus": 1,
                        "priority": 50,
                        "start_within_s": 60,
                    },
                    {
                        "name": "inference",
                        "queue": "accelerated",
                        "interval": {"kind": "exponential", "mean_s": 3000},
                        "run": {"kind": "uniform", "low_s": 300, "high_s": 900},
                        "sizes": [{"tasks": 2}],
                        "gpus": 1,
                        "gpu_type": "a100",
                        "priority": 80,
                        "start_within_s": 30,
                    },
                    {
                        "name": "batch",
                        "queue": "compute",
                        "users": 5,
                        "interval": {"kind": "exponential", "mean_s": 200},
                        "run": {"kind": "gamma", "shape": 0.8, "mean_s": 700},
                        "estimate_factor": 3.0,
                        "sizes": [{"tasks": 1, "weight": 4}, {"tasks": 4, "weight": 2}, {"tasks": 12}],
                        "cores": 1,
                        "memory_gib": 2,
                    },
                ],
            },
            "services": [
                {
                    "name": "chat",
                    "job_class": "inference",
                    "requests_per_s": 3,
                    "day": [1, 2, 3, 2] * 6,
                    "service_time_s": 0.8,
                    "at_a_time": 2,
                    "within_s": 3,
                    "share": 0.9,
                }
            ],
            "scheduler": {"order": {"kind": "multifactor"}, "backfilling": "easy", "preemption": True},
            "tariff": {
                "pue": 1.3,
                "periods": [
                    {"from_hour": 0, "price_per_kwh": 0.3, "carbon_g_per_kwh": 600},
                    {"from_hour": 2, "price_per_kwh": 0.9, "carbon_g_per_kwh": 500},
                ],
            },
        }
    )
