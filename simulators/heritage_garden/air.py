"""Air and sound of a hall full of visitors.

Sources: 0.0052 l/s from an adult, as ANSI/ASHRAE 62.1 and ASTM D6245 have it (A. Persily and L. de Jonge, "Carbon
dioxide generation rates for building occupants", Indoor Air 27, 2017); GB/T 18883-2022, 0.10 % as the bound of indoor
air; J. H. Rindel, "Verbal communication and noise in eating establishments", Applied Acoustics 71 (2010) 1156–1161, for
the noise of people who talk; W. C. Sabine for the absorption of the room.
"""

from __future__ import annotations

import math

from simulators.machine_code import compiled

__all__ = ["CO2_LIMIT_PPM", "OUTDOOR_PPM", "carbon_dioxide_ppm", "noise_db", "time_above_s"]

OUTDOOR_PPM = 420.0
CO2_LIMIT_PPM = 1000.0
CO2_M3_S = 5.2e-6
"""Carbon dioxide that one visitor breathes out."""

PERSONS_A_SPEAKER = 3.5
ABSORPTION_M2 = 0.35  # of one person
SECONDS_PER_HOUR = 3600.0


@compiled
def carbon_dioxide_ppm(
    now_ppm: float, visitors: float, volume_m3: float, air_changes_per_h: float, after_s: float
) -> float:
    """Return the concentration of a well-mixed hall after a time with so many visitors in it.

    Examples
    --------
    >>> round(carbon_dioxide_ppm(420.0, 50, 600.0, 2.0, 1e9), 1)  # what it tends to
    1200.0
    """
    rate = air_changes_per_h / SECONDS_PER_HOUR
    end = OUTDOOR_PPM + visitors * CO2_M3_S / (volume_m3 * rate) * 1e6
    return float(end + (now_ppm - end) * math.exp(-rate * after_s))


@compiled
def time_above_s(
    limit_ppm: float, now_ppm: float, visitors: float, volume_m3: float, air_changes_per_h: float, span_s: float
) -> float:
    """Return for how much of the next ``span_s`` the concentration lies above a limit, visitors staying the same."""
    rate = air_changes_per_h / SECONDS_PER_HOUR
    end = OUTDOOR_PPM + visitors * CO2_M3_S / (volume_m3 * rate) * 1e6
    if (now_ppm > limit_ppm) == (end > limit_ppm) or now_ppm == end:
        return span_s if now_ppm > limit_ppm else 0.0
    crossed_s = min(span_s, math.log((now_ppm - end) / (limit_ppm - end)) / rate) if end != limit_ppm else span_s
    return crossed_s if now_ppm > limit_ppm else span_s - crossed_s


def noise_db(visitors: int, volume_m3: float, reverberation_s: float) -> float:
    """Return the A-weighted level of the visitors' own talk, 0 where nobody is.

    Examples
    --------
    >>> round(noise_db(50, 600.0, 1.0), 1)
    75.0
    """
    if visitors == 0:
        return 0.0
    absorption_m2 = 0.16 * volume_m3 / reverberation_s + ABSORPTION_M2 * visitors
    return max(0.0, 93 - 20 * math.log10(absorption_m2 * PERSONS_A_SPEAKER / visitors))
