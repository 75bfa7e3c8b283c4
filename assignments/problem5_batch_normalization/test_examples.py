"""Visible examples for problem 5. Run `pytest` in this folder.

They are small, can be checked by hand, and catch the crude mistakes. Passing them is not the grade: the
hidden tests use other sizes (1 in every place, all sizes different), float32 and integer images, transposed,
reversed and repeated views, means that are large against the spread, channels without variation, other values
of `eps` and `momentum`, parameters that were assigned, several layers and calls in any order, arguments that
must not change, and other classes in the place of yours for `compare_with_torch` and `mode_difference`.
"""

import batch_normalization as student
import numpy as np
import pytest

# Two images of two channels, one row and two columns. Channel 0 holds 1, 3, 1, 3 (mean 2, variance 1, unbiased
# variance 4/3), channel 1 holds 10, 10, 30, 30 (mean 20, variance 100, unbiased variance 400/3).
IMAGES = np.array([[[[1.0, 3.0]], [[10.0, 10.0]]], [[[1.0, 3.0]], [[30.0, 30.0]]]])
SIGNS = np.array([[[[-1.0, 1.0]], [[-1.0, -1.0]]], [[[-1.0, 1.0]], [[1.0, 1.0]]]])


def check(actual: object, expected: np.ndarray, what: str, precision: float = 1e-7) -> None:
    """Compare kind, shape, dtype and values, in this order, each with a message of its own."""
    assert isinstance(actual, np.ndarray), f"{what}: a NumPy array was expected, but this came: {actual!r}"
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape} instead of {expected.shape}"
    assert actual.dtype == np.float64, f"{what}: dtype {actual.dtype} instead of float64"
    close = np.allclose(actual, expected, rtol=precision, atol=precision)
    assert close, f"{what}:\n{actual}\ninstead of\n{expected}"


@pytest.mark.task("BatchNorm2d.forward")
def test_training_output() -> None:
    layer = student.BatchNorm2d(2)
    root = np.sqrt(np.array([1.0, 100.0]) + 1e-5).reshape(1, 2, 1, 1)
    check(layer.forward(IMAGES), SIGNS * np.array([1.0, 10.0]).reshape(1, 2, 1, 1) / root, "the training output")


@pytest.mark.task("BatchNorm2d.forward")
def test_gamma_and_beta() -> None:
    layer = student.BatchNorm2d(2, eps=1e-12)
    layer.gamma = np.array([2.0, 3.0])
    layer.beta = np.array([100.0, 0.0])
    expected = np.array([[[[98.0, 102.0]], [[-3.0, -3.0]]], [[[98.0, 102.0]], [[3.0, 3.0]]]])
    check(layer.forward(IMAGES, training=True), expected, "the output with gamma (2, 3) and beta (100, 0)")


@pytest.mark.task("BatchNorm2d.forward")
def test_running_statistics() -> None:
    layer = student.BatchNorm2d(2)
    layer.forward(IMAGES, training=True)
    # a tenth of the batch's, nine tenths of what was there before: 0 and 1
    check(layer.running_mean, np.array([0.2, 2.0]), "running_mean after a training call")
    check(layer.running_var, np.array([0.9 + 0.4 / 3, 0.9 + 40.0 / 3]), "running_var after a training call")


@pytest.mark.task("BatchNorm2d.forward")
def test_inference() -> None:
    layer = student.BatchNorm2d(2, eps=1e-12)
    layer.running_mean = np.array([1.0, 0.0])
    layer.running_var = np.array([4.0, 100.0])
    expected = np.array([[[[0.0, 1.0]], [[1.0, 1.0]]], [[[0.0, 1.0]], [[3.0, 3.0]]]])
    check(layer.forward(IMAGES, training=False), expected, "the inference output")
    check(layer.running_mean, np.array([1.0, 0.0]), "running_mean after inference, which does not move it")


@pytest.mark.task("BatchNorm2d.forward")
def test_wrong_number_of_channels() -> None:
    layer = student.BatchNorm2d(3)
    with pytest.raises(ValueError):  # noqa: PT011
        layer.forward(IMAGES)


@pytest.mark.task("BatchNorm2d.forward")
def test_one_value_per_channel() -> None:
    layer = student.BatchNorm2d(2)
    pixel = np.array([[[[3.0]], [[4.0]]]])
    with pytest.raises(ValueError):  # noqa: PT011
        layer.forward(pixel, training=True)
    check(layer.forward(pixel, training=False), pixel / np.sqrt(1 + 1e-5), "the inference output for one pixel")


def is_backward_written() -> None:
    """An untouched `backward` should be reported as such, whether or not `forward` is there."""
    try:
        student.BatchNorm2d(2).backward(IMAGES)
    except NotImplementedError:
        raise
    except Exception:
        pass


@pytest.mark.task("BatchNorm2d.backward")
def test_gradients_of_gamma_and_beta() -> None:
    is_backward_written()
    layer = student.BatchNorm2d(2, eps=1e-12)
    layer.forward(IMAGES, training=True)
    gradient = np.array([[[[1.0, 2.0]], [[0.0, 0.0]]], [[[3.0, 5.0]], [[0.0, 7.0]]]])
    result = layer.backward(gradient)
    assert isinstance(result, tuple), f"backward should return a tuple of three arrays, not {result!r}"
    assert len(result) == 3, f"backward should return three arrays, not {len(result)}"
    check(result[1], np.array([3.0, 7.0]), "grad_gamma, the sum of grad_output * normalized x")
    check(result[2], np.array([11.0, 7.0]), "grad_beta, the sum of grad_output")


@pytest.mark.task("BatchNorm2d.backward")
@pytest.mark.parametrize("training", [True, False])
def test_finite_differences(training: bool) -> None:
    """Move each x a little, both ways, and see how sum(gradient * output) changes."""
    is_backward_written()
    rng = np.random.default_rng(0)
    x, gradient = rng.normal(size=(2, 3, 2, 2)), rng.normal(size=(2, 3, 2, 2))

    def layer() -> student.BatchNorm2d:
        made = student.BatchNorm2d(3)
        made.gamma = np.array([0.5, -1.0, 2.0])
        made.running_var = np.array([1.0, 4.0, 0.25])
        return made

    expected = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += 1e-6
        below[place] -= 1e-6
        difference = layer().forward(above, training=training) - layer().forward(below, training=training)
        expected[place] = (gradient * difference).sum() / 2e-6
    tried = layer()
    tried.forward(x, training=training)
    mode = "a training" if training else "an inference"
    grad_x, _, _ = tried.backward(gradient)
    check(grad_x, expected, f"grad_x after {mode} call, against finite differences of your forward", 1e-5)


@pytest.mark.task("BatchNorm2d.backward")
def test_backward_needs_forward() -> None:
    is_backward_written()
    with pytest.raises(RuntimeError):
        student.BatchNorm2d(2).backward(IMAGES)


QUANTITIES = {"output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var"}


@pytest.mark.task("compare_with_torch")
def test_your_layer_is_as_pytorchs() -> None:
    pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, gradient = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(4, 3, 2, 5))
    differences = student.compare_with_torch(x, gradient)
    assert isinstance(differences, dict), f"a dict was expected, but this came: {differences!r}"
    assert set(differences) == QUANTITIES, f"the keys should be {sorted(QUANTITIES)}, not {sorted(differences)}"
    for name, difference in differences.items():
        assert isinstance(difference, float | np.floating), (
            f"the difference in {name} should be a float, not {difference!r}"
        )
        assert difference < 1e-10, f"{name} differs by {difference}: your layer is wrong, or the comparison"


@pytest.mark.task("compare_with_torch")
def test_an_error_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")

    class Wrong(student.BatchNorm2d):
        """Your layer, with 0.25 taken off one entry of the output."""

        def forward(self, x: np.ndarray, training: bool = True) -> np.ndarray:
            y = super().forward(x, training)
            y[0, 0, 0, 0] -= 0.25
            return y

    monkeypatch.setattr(student, "BatchNorm2d", Wrong)
    rng = np.random.default_rng(0)
    x, gradient = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(4, 3, 2, 5))
    found = student.compare_with_torch(x, gradient)["output"]
    assert abs(found - 0.25) < 1e-7, f"an output that is 0.25 too small in one place was reported as {found}"


@pytest.mark.task("mode_difference")
def test_largest_difference() -> None:
    layer = student.BatchNorm2d(2, eps=1e-12)
    layer.running_mean = np.array([2.0, 20.0])
    layer.running_var = np.array([1.0, 25.0])
    # Channel 0 comes out alike; channel 1 is -1 or 1 in training, and -2 or 2 in inference.
    difference = student.mode_difference(layer, IMAGES)
    assert isinstance(difference, float | np.floating), f"a float was expected, but this came: {difference!r}"
    assert abs(difference - 1.0) < 1e-7, f"the largest difference is 1, not {difference}"


@pytest.mark.task("mode_difference")
def test_the_layer_stays_as_it_was() -> None:
    layer = student.BatchNorm2d(2)
    mean, var = np.array([2.0, 3.0]), np.array([4.0, 0.5])
    layer.running_mean, layer.running_var = mean.copy(), var.copy()
    student.mode_difference(layer, 5 * IMAGES + 1)
    check(layer.running_mean, mean, "running_mean after mode_difference")
    check(layer.running_var, var, "running_var after mode_difference")
