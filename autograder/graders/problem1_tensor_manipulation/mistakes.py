"""Known mistakes of problem 1: each one fails a check, and is recognised by what it gives.

Sources: forum threads on `view` and `permute` of images, on the mean and deviation of image data sets
(`images.view(C, -1)`, deviations averaged over images), on batch normalization written by hand (unbiased
variance, eps beside the root), and the broadcasting helpers of several libraries.
"""

from typing import Any

import torch

from autograder.grading import mistake

# 1a -----------------------------------------------------------------------------------------------------


@mistake("to_channels_last", hint="The shape is a permutation of the old one: `permute` takes the order of axes.")
def leaves_the_axes_alone(images: torch.Tensor) -> torch.Tensor:
    """leaves the axes where they were (`memory_format=torch.channels_last`, too, changes only the strides)"""
    return images.contiguous(memory_format=torch.channels_last)


@mistake(
    "to_channels_last",
    hint="`reshape` and `view` keep the order in which numbers lie in memory; `permute` moves whole axes.",
)
def cuts_the_row_anew(images: torch.Tensor) -> torch.Tensor:
    """reshapes to (N, H, W, C): the shape is right, but the numbers keep their old order"""
    n, c, h, w = images.shape
    return images.reshape(n, h, w, c)


@mistake(
    "to_channels_last",
    hint="Write down which axis of `images` each axis of the result is, from left to right.",
)
def exchanges_rows_and_columns(images: torch.Tensor) -> torch.Tensor:
    """exchanges channels and columns, which gives (N, W, H, C): rows and columns are transposed"""
    return images.transpose(1, 3)


@mistake(
    "to_channels_last",
    hint="`permute` takes, for each axis of the result, the axis of the input that goes there.",
)
def applies_the_inverse(images: torch.Tensor) -> torch.Tensor:
    """applies the inverse permutation, (0, 3, 1, 2), the way back from channels last"""
    return images.permute(0, 3, 1, 2)


@mistake("to_channels_last", hint="The first axis is the batch: it stays, and all its images are moved.")
def moves_one_image_only(images: torch.Tensor) -> torch.Tensor:
    """returns the first image alone, as (H, W, C)"""
    return images[0].permute(1, 2, 0)


@mistake(
    "to_channels_last",
    hint="Leave `squeeze` out: a batch of one image is still a batch, one channel still an axis.",
)
def squeezes_the_result(images: torch.Tensor) -> torch.Tensor:
    """removes axes of size 1 from the result"""
    return images.permute(0, 2, 3, 1).squeeze()


@mistake("to_channels_last", hint="A batch of one image has four axes like any other.")
def unwraps_a_single_image(images: torch.Tensor) -> torch.Tensor:
    """drops the batch axis when there is one image only"""
    moved = images.permute(0, 2, 3, 1)
    return moved[0] if len(moved) == 1 else moved


@mistake("to_channels_last", hint="The order of the channels stays; only OpenCV reads files as blue, green, red.")
def reverses_the_channels(images: torch.Tensor) -> torch.Tensor:
    """reverses the order of the channels (RGB to BGR)"""
    return images.permute(0, 2, 3, 1).flip(-1)


@mistake(
    "to_channels_last",
    hint="Ask the shape for the number of channels, or move the axis without naming channels.",
)
def takes_three_channels_for_granted(images: torch.Tensor) -> torch.Tensor:
    """works with three channels only"""
    return torch.stack([images[:, 0], images[:, 1], images[:, 2]], dim=-1)


@mistake(
    "to_channels_last",
    hint="The input is always (N, C, H, W), also with 1 or 3 columns: nothing needs to be guessed.",
)
def guesses_the_layout(images: torch.Tensor) -> torch.Tensor:
    """takes images whose last axis has size 1, 3 or 4 for channels-last ones, and returns them as they are"""
    return images if images.shape[-1] in (1, 3, 4) else images.permute(0, 2, 3, 1)


@mistake("to_channels_last", hint="Moving an axis needs no arithmetic: leave the dtype alone.")
def converts_to_float32(images: torch.Tensor) -> torch.Tensor:
    """converts the images to float32"""
    return images.float().permute(0, 2, 3, 1)


@mistake("to_channels_last", hint="Stay in PyTorch: NumPy has no bfloat16, and `permute` needs no conversion.")
def goes_through_numpy(images: torch.Tensor) -> torch.Tensor:
    """converts to a NumPy array and back, which fails for bfloat16"""
    return torch.from_numpy(images.numpy().transpose(0, 2, 3, 1))


@mistake("to_channels_last", hint="`view` refuses strides that it cannot express; `permute` works with all.")
def views_what_is_not_contiguous(images: torch.Tensor) -> torch.Tensor:
    """calls `view`, which raises an error for images that are not contiguous in memory"""
    n, c, h, w = images.shape
    return images.view(n, c, h * w).transpose(1, 2).reshape(n, h, w, c)


@mistake("to_channels_last", hint="Methods that end in an underscore work in place: use the one without it.")
def works_in_place(images: torch.Tensor) -> torch.Tensor:
    """works in place, so that the caller's images change too"""
    return images.transpose_(1, 2).transpose_(2, 3)


@mistake("to_channels_last", hint="Make a new tensor in each call: the caller may still look at the last one.")
def keeps_one_tensor_for_results(images: torch.Tensor, kept: dict[Any, torch.Tensor] = {}) -> torch.Tensor:  # noqa: B006
    """writes all results of one shape into one tensor, so that a call overwrites what an earlier one gave"""
    moved = images.permute(0, 2, 3, 1)
    return kept.setdefault((tuple(moved.shape), moved.dtype), torch.empty_like(moved)).copy_(moved)


# 1b -----------------------------------------------------------------------------------------------------


@mistake("spatial_mean", hint="A mean is the sum divided by the number of values, H·W here.")
def forgets_to_divide(images: torch.Tensor) -> torch.Tensor:
    """sums over rows and columns and does not divide"""
    values = images if images.is_floating_point() else images.float()
    return values.sum(dim=(2, 3))


@mistake("spatial_mean", hint="Two axes are averaged away, rows and columns: `dim` takes both at once.")
def averages_the_columns_only(images: torch.Tensor) -> torch.Tensor:
    """averages over one axis, the columns, and keeps the rows"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=3)


@mistake("spatial_mean", hint="Each image keeps its own means: the batch axis is not averaged.")
def averages_over_the_batch(images: torch.Tensor) -> torch.Tensor:
    """averages over the batch too, and gives one number a channel"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(0, 2, 3))


@mistake("spatial_mean", hint="Each channel keeps its own mean: the channel axis is not averaged.")
def averages_over_the_channels(images: torch.Tensor) -> torch.Tensor:
    """averages over the channels too, and gives one number an image"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(1, 2, 3))


@mistake("spatial_mean", hint="In (N, C, H, W) the rows and columns are the axes 2 and 3.")
def takes_images_for_channels_last(images: torch.Tensor) -> torch.Tensor:
    """averages over the axes 1 and 2, as if the images were (N, H, W, C)"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(1, 2))


@mistake("spatial_mean", hint="The result is (N, C): leave `keepdim` out here.")
def keeps_the_averaged_axes(images: torch.Tensor) -> torch.Tensor:
    """keeps the averaged axes as axes of size 1"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(2, 3), keepdim=True)


@mistake(
    "spatial_mean",
    hint="Averaging removes its axes by itself; `squeeze` removes N and C as well when they are 1.",
)
def squeezes_batch_and_channels(images: torch.Tensor) -> torch.Tensor:
    """removes the batch or channel axis when its size is 1"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(2, 3), keepdim=True).squeeze()


@mistake("spatial_mean", hint="There are H·W values in a channel, and H and W may differ.")
def takes_images_for_square(images: torch.Tensor) -> torch.Tensor:
    """divides by H², as if every image were square"""
    values = images if images.is_floating_point() else images.float()
    return values.sum(dim=(2, 3)) / images.shape[2] ** 2


@mistake("spatial_mean", hint="The mean is asked for; a maximum is max pooling.")
def takes_the_maximum(images: torch.Tensor) -> torch.Tensor:
    """takes the largest value in place of the mean"""
    values = images if images.is_floating_point() else images.float()
    return values.amax(dim=(2, 3))


@mistake(
    "spatial_mean",
    hint="`mean` refuses integers: give them the default dtype first, and leave floating images alone.",
)
def refuses_integers(images: torch.Tensor) -> torch.Tensor:
    """calls `mean` on integers, which PyTorch refuses"""
    return images.mean(dim=(2, 3))


@mistake("spatial_mean", hint="`//` rounds down: divide with `/`.")
def rounds_integers_down(images: torch.Tensor) -> torch.Tensor:
    """divides integers by `//`, so that the mean is rounded down"""
    if images.is_floating_point():
        return images.mean(dim=(2, 3))
    return images.sum(dim=(2, 3)) // (images.shape[2] * images.shape[3])


@mistake("spatial_mean", hint="A mean of integers is a fraction: the result has the default dtype.")
def returns_the_integer_dtype(images: torch.Tensor) -> torch.Tensor:
    """converts the mean back to the integer dtype of the images"""
    return images.double().mean(dim=(2, 3)).to(images.dtype)


@mistake(
    "spatial_mean",
    hint="Convert to the default dtype before the sum: the integers' own dtype cannot hold it.",
)
def sums_in_the_integer_dtype(images: torch.Tensor) -> torch.Tensor:
    """sums integers in their own dtype, where the sum overflows"""
    if images.is_floating_point():
        return images.mean(dim=(2, 3))
    return images.sum(dim=(2, 3), dtype=images.dtype).float() / (images.shape[2] * images.shape[3])


@mistake("spatial_mean", hint="Nobody asked for a range of 0 to 1: the mean of bytes is between 0 and 255.")
def scales_bytes_to_one(images: torch.Tensor) -> torch.Tensor:
    """divides uint8 images by 255"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(2, 3)) / (255 if images.dtype == torch.uint8 else 1)


@mistake("spatial_mean", hint="Convert integers only: floating images keep their dtype.")
def always_gives_float32(images: torch.Tensor) -> torch.Tensor:
    """converts float64 images to float32"""
    return images.float().mean(dim=(2, 3))


@mistake("spatial_mean", hint="float32 images give a float32 result, integers the default dtype (float32).")
def always_gives_float64(images: torch.Tensor) -> torch.Tensor:
    """gives float64 whatever came in"""
    return images.double().mean(dim=(2, 3))


@mistake(
    "spatial_mean",
    hint="`view` refuses some strides; `mean` takes several axes at once and needs no reshaping.",
)
def views_before_averaging(images: torch.Tensor) -> torch.Tensor:
    """calls `view`, which raises an error for images that are not contiguous in memory"""
    values = images if images.is_floating_point() else images.float()
    return values.view(images.shape[0], images.shape[1], -1).mean(dim=2)


# 1c, channel_std ----------------------------------------------------------------------------------------


@mistake("channel_std", hint="`std` divides by m - 1 unless told otherwise: look for its `correction` argument.")
def divides_by_m_minus_one(images: torch.Tensor) -> torch.Tensor:
    """divides by N·H·W - 1 (the sample convention, PyTorch's default) and not by N·H·W"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(0, 2, 3))


@mistake("channel_std", hint="The standard deviation is the square root of the variance.")
def returns_the_variance(images: torch.Tensor) -> torch.Tensor:
    """returns the variance, without the square root"""
    values = images if images.is_floating_point() else images.float()
    return values.var(dim=(0, 2, 3), correction=0)


@mistake("channel_std", hint="`dim` names the axes that disappear: all but the channels.")
def takes_everything_at_once(images: torch.Tensor) -> torch.Tensor:
    """computes one standard deviation over all channels together"""
    values = images if images.is_floating_point() else images.float()
    return values.std(correction=0)


@mistake(
    "channel_std",
    hint="The images belong together: average over the batch axis too, not over rows and columns only.",
)
def keeps_the_images_apart(images: torch.Tensor) -> torch.Tensor:
    """computes a standard deviation for each image, and gives (N, C)"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(2, 3), correction=0)


@mistake(
    "channel_std",
    hint="The images also differ from each other: take all N·H·W values of a channel at once.",
)
def averages_deviations_of_images(images: torch.Tensor) -> torch.Tensor:
    """averages the standard deviations of the single images"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(2, 3), correction=0).mean(dim=0)


@mistake("channel_std", hint="A mean per image hides the spread within the image. Take all N·H·W values at once.")
def takes_the_spread_of_means(images: torch.Tensor) -> torch.Tensor:
    """computes the standard deviation of the images' means"""
    values = images if images.is_floating_point() else images.float()
    return values.mean(dim=(2, 3)).std(dim=0, correction=0)


@mistake("channel_std", hint="In (N, C, H, W) the channels are axis 1; the others are averaged.")
def takes_the_last_axis_for_channels(images: torch.Tensor) -> torch.Tensor:
    """computes a standard deviation for each column, as if the images were (N, H, W, C)"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(0, 1, 2), correction=0)


@mistake(
    "channel_std",
    hint="Move the channels to the front before you flatten the rest: `reshape` does not move axes.",
)
def flattens_without_moving_channels(images: torch.Tensor) -> torch.Tensor:
    """reshapes to (C, -1) without moving the channel axis first, which mixes images and channels"""
    values = images if images.is_floating_point() else images.float()
    return values.reshape(images.shape[1], -1).std(dim=1, correction=0)


@mistake("channel_std", hint="N·H·W values were summed: the images count too.")
def forgets_to_count_the_images(images: torch.Tensor) -> torch.Tensor:
    """divides the sum over N, H and W by H·W only"""
    values = images if images.is_floating_point() else images.float()
    centered = values - values.mean(dim=(0, 2, 3), keepdim=True)
    return (centered.square().sum(dim=(0, 2, 3)) / (images.shape[2] * images.shape[3])).sqrt()


@mistake("channel_std", hint="Square the distances, average, and take the root at the end.")
def averages_absolute_distances(images: torch.Tensor) -> torch.Tensor:
    """averages the absolute distances from the mean"""
    values = images if images.is_floating_point() else images.float()
    return (values - values.mean(dim=(0, 2, 3), keepdim=True)).abs().mean(dim=(0, 2, 3))


@mistake("channel_std", hint="The result is (C,): leave `keepdim` out of the last average.")
def keeps_all_axes(images: torch.Tensor) -> torch.Tensor:
    """keeps the averaged axes as axes of size 1, which gives (1, C, 1, 1)"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(0, 2, 3), correction=0, keepdim=True)


@mistake("channel_std", hint="Leave `squeeze` out: with one channel the result still has one axis, of size 1.")
def squeezes_a_single_channel(images: torch.Tensor) -> torch.Tensor:
    """removes the channel axis when there is one channel"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(0, 2, 3), correction=0, keepdim=True).squeeze()


@mistake("channel_std", hint="`eps` belongs to the normalization; the standard deviation of a constant is 0.")
def adds_eps_under_the_root(images: torch.Tensor) -> torch.Tensor:
    """adds 1e-5 to the variance before the root"""
    values = images if images.is_floating_point() else images.float()
    return (values.var(dim=(0, 2, 3), correction=0) + 1e-5).sqrt()


@mistake("channel_std", hint="Nothing is added to a standard deviation; that of a constant is 0.")
def stays_away_from_zero(images: torch.Tensor) -> torch.Tensor:
    """keeps the standard deviation away from 0 by a tiny number"""
    values = images if images.is_floating_point() else images.float()
    return values.std(dim=(0, 2, 3), correction=0) + 1e-8


@mistake("channel_std", hint="Subtract the mean first, and square the small numbers that remain.")
def subtracts_the_squared_mean(images: torch.Tensor) -> torch.Tensor:
    """computes E[x²] - E[x]², which loses all digits when the mean is large against the spread"""
    values = images if images.is_floating_point() else images.float()
    mean_of_squares = values.square().mean(dim=(0, 2, 3))
    return (mean_of_squares - values.mean(dim=(0, 2, 3)).square()).sqrt()


@mistake(
    "channel_std",
    hint="Subtract the mean first, and square the small numbers that remain. Nothing is left to clamp.",
)
def clamps_what_cancelled(images: torch.Tensor) -> torch.Tensor:
    """computes E[x²] - E[x]² and lifts negative results to 0: the digits are lost all the same"""
    values = images if images.is_floating_point() else images.float()
    mean_of_squares = values.square().mean(dim=(0, 2, 3))
    return (mean_of_squares - values.mean(dim=(0, 2, 3)).square()).clamp(min=0).sqrt()


@mistake("channel_std", hint="`std` and `mean` refuse integers: give them the default dtype first.")
def refuses_integer_images(images: torch.Tensor) -> torch.Tensor:
    """calls `std` on integers, which PyTorch refuses"""
    return images.std(dim=(0, 2, 3), correction=0)


@mistake(
    "channel_std",
    hint="Convert integers before you subtract: their own dtype holds neither fractions nor squares.",
)
def centers_integers_in_their_dtype(images: torch.Tensor) -> torch.Tensor:
    """rounds the mean of integers to their dtype, and squares the distances in it, where they overflow"""
    values = images if images.is_floating_point() else images.float()
    centered = images - values.mean(dim=(0, 2, 3), keepdim=True).to(images.dtype)
    squares = centered * centered
    return (squares if images.is_floating_point() else squares.float()).mean(dim=(0, 2, 3)).sqrt()


@mistake("channel_std", hint="Convert integers only: floating images keep their dtype.")
def always_in_float32(images: torch.Tensor) -> torch.Tensor:
    """converts float64 images to float32"""
    return images.float().std(dim=(0, 2, 3), correction=0)


@mistake("channel_std", hint="float32 images give a float32 result, integers the default dtype (float32).")
def always_in_float64(images: torch.Tensor) -> torch.Tensor:
    """gives float64 whatever came in"""
    return images.double().std(dim=(0, 2, 3), correction=0)


@mistake(
    "channel_std",
    hint="`view` refuses some strides; reductions take several axes at once and need no reshaping.",
)
def views_moved_channels(images: torch.Tensor) -> torch.Tensor:
    """calls `view` on the images, which raises an error when they are not contiguous in memory"""
    values = images if images.is_floating_point() else images.float()
    n, c, h, w = images.shape
    return values.view(n, c, h * w).std(dim=(0, 2), correction=0)


@mistake("channel_std", hint="`x -= mean` changes the caller's tensor; `x - mean` makes a new one.")
def centers_in_place(images: torch.Tensor) -> torch.Tensor:
    """subtracts the mean in place, so that the caller's images change"""
    values = images if images.is_floating_point() else images.float()
    values -= values.mean(dim=(0, 2, 3), keepdim=True)
    return values.square().mean(dim=(0, 2, 3)).sqrt()


@mistake("channel_std", hint="More digits only hide it: subtract the mean before you square.")
def subtracts_squares_in_float64(images: torch.Tensor) -> torch.Tensor:
    """computes E[x²] - E[x]² in float64, where it cancels as well"""
    x = images.double()
    var = (x * x).mean(dim=(0, 2, 3)) - x.mean(dim=(0, 2, 3)) ** 2
    return var.clamp(min=0).sqrt().to(images.dtype if images.is_floating_point() else torch.get_default_dtype())


# 1c, normalize_channels ---------------------------------------------------------------------------------


@mistake("normalize_channels", hint="After the mean is gone, divide by the root of variance plus eps.")
def only_subtracts_the_mean(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """subtracts the mean and does not divide"""
    values = images if images.is_floating_point() else images.float()
    return values - values.mean(dim=(0, 2, 3), keepdim=True)


@mistake("normalize_channels", hint="Subtract the channel's mean before you divide.")
def only_divides(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """divides by the spread and does not subtract the mean"""
    values = images if images.is_floating_point() else images.float()
    return values / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="The spread is the square root of the variance.")
def divides_by_the_variance(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """divides by the variance, without the square root"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps)


@mistake("normalize_channels", hint="Each channel gets mean 0 and variance 1; a range of 0 to 1 is something else.")
def scales_to_a_range(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """scales each channel to the range from 0 to 1"""
    values = images if images.is_floating_point() else images.float()
    low, high = values.amin(dim=(0, 2, 3), keepdim=True), values.amax(dim=(0, 2, 3), keepdim=True)
    return (values - low) / (high - low + eps)


@mistake(
    "normalize_channels",
    hint="Each channel has a mean and a variance of its own: `dim` names the axes but channels.",
)
def normalizes_everything_together(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """uses one mean and one variance for all channels together"""
    values = images if images.is_floating_point() else images.float()
    return (values - values.mean()) / (values.var(correction=0) + eps).sqrt()


@mistake("normalize_channels", hint="The statistics are those of the batch: average over the batch axis too.")
def normalizes_each_image(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """uses the statistics of each image by itself (instance normalization)"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="The channel axis stays, the other three are averaged.")
def normalizes_across_channels(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """uses the statistics of each image over its channels, rows and columns (layer normalization)"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(1, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(1, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="Rows and columns belong together with the batch: average over all three.")
def normalizes_each_position(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """uses statistics over the batch alone, different ones at each pixel"""
    values = images if images.is_floating_point() else images.float()
    return (values - values.mean(dim=0)) / (values.var(dim=0, correction=0) + eps).sqrt()


@mistake("normalize_channels", hint="Broadcasting aligns last axes: keep the averaged axes, with `keepdim=True`.")
def spreads_means_along_columns(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """subtracts a mean of shape (C,), which is aligned with the columns and not with the channels"""
    values = images if images.is_floating_point() else images.float()
    mean, variance = values.mean(dim=(0, 2, 3)), values.var(dim=(0, 2, 3), correction=0)
    return (values - mean) / (variance + eps).sqrt()


@mistake(
    "normalize_channels",
    hint="`var` divides by m - 1 unless told otherwise: look for its `correction` argument.",
)
def uses_the_unbiased_variance(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """divides by N·H·W - 1 (the sample convention, PyTorch's default) and not by N·H·W in the variance"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="Add eps to the variance first, then take the root of the sum.")
def adds_eps_beside_the_root(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """adds eps to the standard deviation, outside the root"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.std(dim=(0, 2, 3), correction=0, keepdim=True) + eps)


@mistake("normalize_channels", hint="`eps` is added to the variance; without it a constant channel gives 0/0.")
def leaves_eps_out(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """does not use eps at all"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / values.std(dim=(0, 2, 3), correction=0, keepdim=True)


@mistake(
    "normalize_channels",
    hint="Use the argument: `eps` is added to the variance always, whatever the variance is.",
)
def takes_eps_as_a_lower_bound(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """uses eps as a lower bound of the variance and does not add it"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / values.var(dim=(0, 2, 3), correction=0, keepdim=True).clamp(min=eps).sqrt()


@mistake("normalize_channels", hint="Replace the number in the formula by the argument `eps`.")
def ignores_the_given_eps(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """always uses 1e-5, whatever eps is passed"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt()


@mistake(
    "normalize_channels",
    hint="Leave the signature as it was given: `eps` is 1e-5 unless the caller says otherwise.",
)
def has_another_default_eps(images: torch.Tensor, eps: float = 1e-8) -> torch.Tensor:
    """has another default for eps than 1e-5 (1e-8)"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="Subtract the mean first, and square the small numbers that remain.")
def cancels_in_the_variance(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """computes the variance as E[x²] - E[x]², which loses all digits when the mean is large"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    variance = values.square().mean(dim=(0, 2, 3), keepdim=True) - mean.square()
    return (values - mean) / (variance + eps).sqrt()


@mistake("normalize_channels", hint="`mean` refuses integers: give them the default dtype first.")
def normalizes_no_integers(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """calls `mean` on integers, which PyTorch refuses"""
    mean = images.mean(dim=(0, 2, 3), keepdim=True)
    return (images - mean) / (images.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="Normalized integers are fractions: the result has the default dtype.")
def normalizes_to_integers(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """converts the result back to the integer dtype of the images"""
    values = images.double()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    variance = values.var(dim=(0, 2, 3), correction=0, keepdim=True)
    return ((values - mean) / (variance + eps).sqrt()).to(images.dtype)


@mistake("normalize_channels", hint="Convert integers only: floating images keep their dtype.")
def normalizes_in_float32(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """converts float64 images to float32"""
    values = images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="float32 images give a float32 result, integers the default dtype (float32).")
def normalizes_in_float64(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """gives float64 whatever came in"""
    values = images.double()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake("normalize_channels", hint="`x -= mean` changes the caller's tensor; `x - mean` makes a new one.")
def normalizes_in_place(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """works in place, so that the caller's images change"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    spread = (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()
    return values.sub_(mean).div_(spread)


@mistake("normalize_channels", hint="The result has the shape of the images: leave `squeeze` out.")
def squeezes_the_images(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """removes axes of size 1 from the result"""
    values = images if images.is_floating_point() else images.float()
    mean = values.mean(dim=(0, 2, 3), keepdim=True)
    return ((values - mean) / (values.var(dim=(0, 2, 3), correction=0, keepdim=True) + eps).sqrt()).squeeze()


@mistake("normalize_channels", hint="(C, N, H, W) is only on the way: move the channels back to axis 1.")
def leaves_channels_in_front(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """returns (C, N, H, W): the channel axis was moved to the front and not back"""
    values = (images if images.is_floating_point() else images.float()).transpose(0, 1)
    mean = values.mean(dim=(1, 2, 3), keepdim=True)
    return (values - mean) / (values.var(dim=(1, 2, 3), correction=0, keepdim=True) + eps).sqrt()


@mistake(
    "normalize_channels",
    hint="Move the channels to the front before you flatten the rest: `reshape` does not move axes.",
)
def flattens_mixed_channels(images: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """reshapes to (C, -1) without moving the channel axis first, which mixes images and channels"""
    values = (images if images.is_floating_point() else images.float()).reshape(images.shape[1], -1)
    mean = values.mean(dim=1, keepdim=True)
    normalized = (values - mean) / (values.var(dim=1, correction=0, keepdim=True) + eps).sqrt()
    return normalized.reshape(images.shape)


# Warm-up ------------------------------------------------------------------------------------------------


@mistake("broadcast_shape", hint="Either shape may have to stretch: look at one pair of sizes at a time.")
def returns_the_longer_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """returns the longer of the two shapes as it is"""
    return first if len(first) >= len(second) else second


@mistake("broadcast_shape", hint="Sizes that differ, neither of them 1, do not fit: raise a ValueError.")
def never_refuses(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """takes the larger of each two sizes and never refuses any"""
    length = max(len(first), len(second))
    first, second = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    return tuple(max(a, b) for a, b in zip(first, second, strict=True))


@mistake(
    "broadcast_shape",
    hint="The size that is not 1 is the result: with 1 and 0 that is 0, although 1 is larger.",
)
def takes_the_larger_size(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """takes the larger of two sizes, which is wrong for 0 and 1"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(max(a, b) for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="NumPy aligns shapes at their last axes: fill the shorter one up in front.")
def aligns_the_first_axes(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """aligns the shapes at their first axes"""
    length = max(len(first), len(second))
    one, two = first + (1,) * (length - len(first)), second + (1,) * (length - len(second))
    if any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="`zip` stops at the shorter shape: the axes in front belong to the result too.")
def drops_the_leading_axes(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """drops the axes that only the longer shape has"""
    pairs = list(zip(first[::-1], second[::-1], strict=False))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in pairs)[::-1]


@mistake("broadcast_shape", hint="The loop ran from the last axis to the first: turn its result round.")
def leaves_the_axes_reversed(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """returns the sizes from the last axis to the first"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))[::-1]


@mistake("broadcast_shape", hint="Shapes of different lengths may fit: fill the shorter one up with ones in front.")
def asks_for_equal_lengths(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """refuses shapes of different lengths"""
    pairs = list(zip(first, second, strict=False))
    if len(first) != len(second) or any(a != b and 1 not in (a, b) for a, b in pairs):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in pairs)


@mistake("broadcast_shape", hint="Either of the two shapes may have a 1, and may be the shorter one.")
def stretches_the_second_only(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """stretches the second shape to the first, but not the first to the second"""
    padded = (1,) * (len(first) - len(second)) + second
    if len(padded) > len(first) or any(b not in (1, a) for a, b in zip(first, padded, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return first


@mistake("broadcast_shape", hint="Every pair of sizes has to fit, not only the last one.")
def checks_the_last_axis_only(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """refuses shapes by their last axis only"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if length and one[-1] != two[-1] and 1 not in (one[-1], two[-1]):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="0 is a size like any other: it fits 0 and 1, and nothing else.")
def fits_zero_to_everything(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """takes a size of 0 to fit every other size"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) and 0 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(0 if 0 in (a, b) else max(a, b) for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="`a or b` takes 0 for nothing at all; compare sizes with `==`.")
def takes_zero_for_nothing(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """takes a size of 0 for a missing axis, and the other size in its place"""
    length = max(len(first), len(second))
    one, two = (0,) * (length - len(first)) + first, (0,) * (length - len(second)) + second
    sizes = []
    for a, b in zip(one, two, strict=True):
        if a and b and a != b and 1 not in (a, b):
            raise ValueError(f"{first} and {second} do not fit")
        sizes.append(max(a, b))
    return tuple(sizes)


@mistake("broadcast_shape", hint="() is the shape of a scalar, which fits every shape: no special case is needed.")
def refuses_the_empty_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """refuses the empty shape"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if not first or not second or any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake(
    "broadcast_shape",
    hint="Raise an error, with `raise ValueError(...)`: a caller may overlook a returned None.",
)
def returns_none_when_shapes_clash(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    """returns None for shapes that do not fit, and raises no error"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        return None
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="`assert` raises an AssertionError; write `raise ValueError(...)` with a message.")
def asserts_that_shapes_fit(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """raises an AssertionError for shapes that do not fit, not a ValueError"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    for a, b in zip(one, two, strict=True):
        assert a == b or 1 in (a, b), f"{first} and {second} do not fit"
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake(
    "broadcast_shape",
    hint='Put both shapes into the message, as they were passed: f"... {first} ... {second}".',
)
def leaves_the_shapes_out_of_the_message(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """does not put both shapes, as they were passed, into the message of its error"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    for a, b in zip(one, two, strict=True):
        if a != b and 1 not in (a, b):
            raise ValueError(f"sizes {a} and {b} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, two, strict=True))


@mistake("broadcast_shape", hint="Keep the arguments under their own names, and the filled-up shapes under others.")
def names_the_filled_up_shapes(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """names the shapes in the message as they are after filling up with ones, not as they were passed"""
    length = max(len(first), len(second))
    first, second = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(first, second, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return tuple(b if a == 1 else a for a, b in zip(first, second, strict=True))


@mistake("broadcast_shape", hint="A shape is a tuple: wrap the list in `tuple(...)` at the end.")
def returns_a_list(first: tuple[int, ...], second: tuple[int, ...]) -> list[int]:
    """returns a list and not a tuple"""
    length = max(len(first), len(second))
    one, two = (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(one, two, strict=True)):
        raise ValueError(f"{first} and {second} do not fit")
    return [b if a == 1 else a for a, b in zip(one, two, strict=True)]


@mistake("broadcast_shape", hint="Compare sizes by `==`: `is` asks for one and the same object, as small numbers are.")
def compares_sizes_by_identity(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """compares sizes by `is`, which fails for large numbers that are equal"""
    length = max(len(first), len(second))
    padded = [(1,) * (length - len(shape)) + tuple(shape) for shape in (first, second)]
    sizes = []
    for a, b in zip(*padded, strict=True):
        if a is not b and a != 1 and b != 1:
            raise ValueError(f"the shapes {first} and {second} do not fit")
        sizes.append(b if a == 1 else a)
    return tuple(sizes)
