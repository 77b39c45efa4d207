"""The sun moves, haze lies in the morning, lamps burn in the evening."""

from __future__ import annotations

import numpy as np
import pytest

from twins.garden.sky import sky_at


def test_the_sun_stands_in_the_south_at_noon_and_higher_in_summer() -> None:
    summer, winter = sky_at("summer", 12.0).sun, sky_at("winter", 12.0).sun
    assert summer[1] < 0
    assert winter[1] < 0
    # 90° - 31.3° + 22° and 90° - 31.3° - 23°
    np.testing.assert_allclose(np.degrees(np.arcsin([summer[2], winter[2]])), [80.7, 35.7], atol=0.1)


def test_the_sun_rises_in_the_east_and_sets_in_the_west() -> None:
    assert sky_at("spring", 7.0).sun[0] > 0.5
    assert sky_at("spring", 17.0).sun[0] < -0.5


def test_haze_is_nearer_in_the_morning_than_in_the_afternoon() -> None:
    assert sky_at("autumn", 7.5).light.haze_to_m < 0.7 * sky_at("autumn", 16.5).light.haze_to_m


@pytest.mark.parametrize(("hour", "lit"), [(12.0, False), (15.0, False), (18.5, True), (22.0, True)])
def test_lamps_burn_when_the_sun_is_low(hour: float, lit: bool) -> None:
    assert (sky_at("autumn", hour).lamps > 0.5) is lit


def test_evenings_are_darker_than_days() -> None:
    def bright(hour: float) -> int:
        return int(sky_at("spring", hour).light.sky_color[1:3], 16)

    assert bright(12.0) > bright(18.0) > bright(21.0)
