"""Visible examples for problem 1. Run `pytest` in this folder.

They are small, can be checked by hand, and catch the crude mistakes. Passing them is not the grade: the
hidden tests use other sizes (1 in every place, all sizes different), other dtypes (float64, every integer
dtype; for `to_channels_last` also bool, half and bfloat16), transposed, sliced and expanded images, means
that are large against the spread, channels that are constant, several values of `eps`, repeated calls, and
arguments that must not change; for `broadcast_shape` more axes, the empty shape, and sizes 0 and 1.
"""

import pytest
import tensor_manipulation as student
import torch

# Two images of two channels, one row and three columns each.
IMAGES = torch.tensor(
    [
        [[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]],
        [[[3.0, 4.0, 5.0]], [[30.0, 40.0, 50.0]]],
    ]
)


def check(actual: object, expected: torch.Tensor) -> None:
    """Compare kind, shape, dtype and values, in this order, each with a message of its own."""
    assert isinstance(actual, torch.Tensor), f"a torch.Tensor was expected, but this came: {actual!r}"
    assert actual.shape == expected.shape, f"shape {tuple(actual.shape)} instead of {tuple(expected.shape)}"
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype} instead of {expected.dtype}"
    assert torch.allclose(actual, expected, rtol=1e-5, atol=1e-6), f"\n{actual}\ninstead of\n{expected}"


@pytest.mark.task("to_channels_last")
def test_channels_move_to_the_end() -> None:
    expected = torch.tensor(
        [
            [[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]],
            [[[3.0, 30.0], [4.0, 40.0], [5.0, 50.0]]],
        ]
    )
    check(student.to_channels_last(IMAGES), expected)


@pytest.mark.task("to_channels_last")
def test_shape_of_the_text() -> None:
    shape = student.to_channels_last(torch.zeros(32, 3, 64, 64)).shape
    assert shape == (32, 64, 64, 3), f"images of shape (32, 3, 64, 64) gave {tuple(shape)}"


@pytest.mark.task("to_channels_last")
def test_integers_stay_integers() -> None:
    images = torch.arange(12, dtype=torch.uint8).reshape(1, 2, 3, 2)
    expected = torch.tensor(
        [[[[0, 6], [1, 7]], [[2, 8], [3, 9]], [[4, 10], [5, 11]]]],
        dtype=torch.uint8,
    )
    check(student.to_channels_last(images), expected)


@pytest.mark.task("spatial_mean")
def test_one_mean_per_image_and_channel() -> None:
    check(student.spatial_mean(IMAGES), torch.tensor([[2.0, 20.0], [4.0, 40.0]]))


@pytest.mark.task("spatial_mean")
def test_mean_of_integers_is_a_fraction() -> None:
    images = torch.tensor([[[[0, 1], [1, 1]]]])
    check(student.spatial_mean(images), torch.tensor([[0.75]]))


@pytest.mark.task("channel_std")
def test_population_standard_deviation() -> None:
    # Channel 0 holds 1, 2, 3, 3, 4, 5: mean 3, squared distances 4 + 1 + 0 + 0 + 1 + 4 = 10, divided by 6.
    expected = torch.tensor([(10 / 6) ** 0.5, 10 * (10 / 6) ** 0.5])
    check(student.channel_std(IMAGES), expected)


@pytest.mark.task("channel_std")
def test_spread_around_a_large_mean() -> None:
    images = torch.tensor([[[[9999.0, 10001.0], [9999.0, 10001.0]]]])
    check(student.channel_std(images), torch.tensor([1.0]))


@pytest.mark.task("normalize_channels")
def test_mean_zero_variance_one() -> None:
    scale = (10 / 6 + 1e-5) ** -0.5
    channel = torch.tensor([[[-2.0, -1.0, 0.0]], [[0.0, 1.0, 2.0]]]) * scale
    check(student.normalize_channels(IMAGES)[:, 0], channel)


@pytest.mark.task("normalize_channels")
def test_eps_is_added_to_the_variance() -> None:
    images = torch.tensor([[[[-1.0, 1.0]]]])  # mean 0, variance 1, and sqrt(1 + 3) = 2
    check(student.normalize_channels(images, eps=3.0), torch.tensor([[[[-0.5, 0.5]]]]))


@pytest.mark.task("broadcast_shape")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((8, 1, 6), (7, 1), (8, 7, 6)),
        ((3,), (2, 3), (2, 3)),
        ((), (4,), (4,)),
        ((0,), (1,), (0,)),
    ],
)
def test_shapes_that_fit(first: tuple[int, ...], second: tuple[int, ...], expected: tuple[int, ...]) -> None:
    shape = student.broadcast_shape(first, second)
    assert isinstance(shape, tuple), f"a tuple was expected, but this came: {shape!r}"
    assert shape == expected, f"{first} and {second} gave {shape} instead of {expected}"


@pytest.mark.task("broadcast_shape")
def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\)") as caught:
        student.broadcast_shape((2, 3), (4,))
    message = str(caught.value)
    assert "(4,)" in message, f"both shapes should be named; the message is {message!r}"
