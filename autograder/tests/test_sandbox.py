"""The sandbox by itself: the wire, imports, what a worker can still do, and how a channel ends."""

import contextlib
import os
import signal
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from autograder.sandbox import wire
from autograder.sandbox.limits import Limits
from autograder.sandbox.local import load_locally
from autograder.sandbox.spawn import Sandbox, SocketChannel
from autograder.sandbox.student import MAX_KEPT, NotData, RemoteObject, Student, StudentRaised, TooLarge, WorkerStopped
from autograder.tests.hostile.arena import descendants

NUMPY = ("numpy",)
LIMITS = Limits(seconds_per_call=2.0, memory_mb=400)
Load = Callable[..., Student]


@pytest.fixture
def load(sandbox: Sandbox) -> Iterator[Load]:
    """A module's text in a worker of its own."""
    channels: list[SocketChannel] = []

    def load(text: str, libraries: tuple[str, ...] = NUMPY, limits: Limits = LIMITS) -> Student:
        channels.append(sandbox.open_worker(libraries, limits))
        student = Student(channels[-1], text)
        student.load("module_of_a_student", "NumPy")
        return student

    yield load
    for channel in channels:
        channel.close()


# The wire ----------------------------------------------------------------------------------------------


def there_and_back(value: Any) -> Any:
    def other(value: Any) -> wire.Node:
        return wire.Object(1, type(value).__name__, False)

    packer = wire.Packer(other)
    header = msgspec.msgpack.encode(wire.Returned(1, packer.pack(value)))
    reply = wire.decode_reply(header)
    assert isinstance(reply, wire.Returned)
    buffers = [bytearray(buffer) for buffer in packer.buffers]

    def resolve(node: Any) -> Any:
        return wire.make_array(node, buffers, dense=True) if isinstance(node, wire.Array) else node

    return wire.unpack(reply.value, buffers, resolve)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(1 << 63),
        (1 << 64) - 1,
        2.5,
        "é",
        [1, (2, "x"), {}],
        {"a": 1, 2: [None]},
        (),
        np.float32(1.5),
        np.True_,
    ],
    ids=str,
)
def test_plain_values_travel_as_they_are(value: Any) -> None:
    back = there_and_back(value)
    assert type(back) is type(value)
    assert back == value


@pytest.mark.parametrize("dtype", sorted(wire._NUMPY_DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)], ids=str)
def test_arrays_travel_as_they_are(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    for seen in (array, array[..., ::-1] if shape else array, array.T, array.astype(array.dtype.newbyteorder())):
        back = there_and_back(seen)
        assert (type(back), back.shape, back.dtype) == (np.ndarray, seen.shape, array.dtype)
        np.testing.assert_array_equal(back, seen)


@pytest.mark.parametrize("dtype", sorted(wire._TORCH_DTYPES))
def test_tensors_travel_as_they_are(dtype: str) -> None:
    tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
    for seen in (tensor, tensor.T, tensor[:, ::2], tensor[0:0], tensor.conj(), tensor[0, 0]):
        back = there_and_back(seen)
        assert (type(back), back.shape, back.dtype) == (torch.Tensor, seen.shape, seen.dtype)
        assert torch.equal(back, seen)


@pytest.mark.parametrize(
    "value",
    [
        1 << 64,
        object(),
        {1, 2},
        b"bytes",
        np.array([object()]),
        np.zeros(2, dtype="datetime64[s]"),
        np.ma.masked_array([1.0]),
        [0] * (wire.MAX_ITEMS + 1),
        {(1, 2): 3},
        torch.ones(2).to_sparse(),
        np.broadcast_to(0.0, (1 << 20, 1 << 20)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_stays_where_it_is(value: Any) -> None:
    assert isinstance(there_and_back(value), wire.Object)


def test_a_value_has_a_limited_number_of_items_in_all() -> None:
    back = there_and_back([[0] * 6_000, [0] * 6_000])
    assert len(back[0]) == 6_000
    assert isinstance(back[1], wire.Object)


def test_subclasses_travel_as_what_they_are_made_of() -> None:
    class Liar(list):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 3

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None

    class Text(str):
        def __str__(self) -> str:
            return "another"

    assert type(there_and_back(Liar([1]))) is list
    assert there_and_back(Liar([1])) == [1]
    assert there_and_back(Text("own")) == "own"
    assert isinstance(there_and_back(Liar([0] * (wire.MAX_ITEMS + 1))), wire.Object)


def nested(depth: int) -> wire.Node:
    node: wire.Node = None
    for _ in range(depth):
        node = wire.Items("list", (node,))
    return node


@pytest.mark.parametrize(
    "node",
    [
        nested(wire.MAX_DEPTH + 1),
        wire.Items("list", (None,) * (wire.MAX_ITEMS + 1)),
        wire.Items("list", (wire.Items("list", (None,) * 6_000),) * 2),
        wire.Pairs(((wire.Scalar("complex128", bytes(16)), 1),)),
        wire.Pairs(((wire.Items("tuple", ()), 1),)),
        wire.Scalar("float64", b"1234567"),
        wire.Scalar("object", bytes(8)),
        wire.Scalar("no dtype", bytes(8)),
    ],
)
def test_values_that_no_packer_sends_are_refused(node: wire.Node) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack(node, [], lambda _: None)
    assert wire.unpack(nested(wire.MAX_DEPTH), [], lambda _: None) is not None


ARRAYS = {
    "a negative size": ("numpy", "float64", (-1, 8), (64, 8), 0, 0),
    "a negative size in all": ("numpy", "float64", (-1, -8), (64, 8), 0, 0),
    "a size beyond memory": ("numpy", "float64", (1 << 62, 1 << 62), (8, 8), 0, 0),
    "a stride beyond the buffer": ("numpy", "float64", (8,), (1 << 40,), 0, 0),
    "a stride before the buffer": ("numpy", "float64", (8,), (-8,), 0, 0),
    "an offset before the buffer": ("numpy", "float64", (8,), (8,), -8, 0),
    "an offset beyond the buffer": ("numpy", "float64", (8,), (8,), 1 << 40, 0),
    "fewer strides than sizes": ("numpy", "float64", (8, 1), (8,), 0, 0),
    "too many dimensions": ("numpy", "float64", (1,) * 40, (8,) * 40, 0, 0),
    "a buffer that is not there": ("numpy", "float64", (8,), (8,), 0, 7),
    "strides of 0": ("numpy", "float64", (1 << 40,), (0,), 0, 0),
    "objects": ("numpy", "object", (8,), (8,), 0, 0),
    "a dtype of no bits": ("numpy", "float4", (8,), (8,), 0, 0),
    "a dtype of too many digits": ("numpy", "9" * 5_000, (8,), (8,), 0, 0),
    "another library": ("os", "float64", (8,), (8,), 0, 0),
    "a tensor's stride beyond the buffer": ("torch", "float64", (8,), (1 << 40,), 0, 0),
    "a tensor's negative stride": ("torch", "float64", (8,), (-8,), 0, 0),
    "a tensor of a module's name": ("torch", "nn", (8,), (8,), 0, 0),
}


@pytest.mark.parametrize("fields", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_do_not_fit_are_refused(fields: tuple[Any, ...]) -> None:
    with pytest.raises(wire.WireError):
        wire.make_array(wire.Array(*fields), [bytearray(64)], dense=True)


@pytest.mark.parametrize(
    "announced",
    [
        struct.pack("<II", wire.MAX_HEADER + 1, 0),
        struct.pack("<II", 8, wire.MAX_BUFFERS + 1),
        struct.pack("<IIQ", 8, 1, wire.MAX_BYTES + 1),
        struct.pack("<IIQQ", 8, 2, (1 << 64) - 1, (1 << 64) - 1),
    ],
)
def test_announced_sizes_are_checked_before_anything_is_allocated(announced: bytes) -> None:
    rest = memoryview(announced)

    def fill(view: memoryview) -> int:
        nonlocal rest
        count = min(len(view), len(rest))
        if not count:
            raise EOFError
        view[:count], rest = rest[:count], rest[count:]
        return count

    with pytest.raises(wire.WireError):
        wire.Reader(fill).message()


# Imports -----------------------------------------------------------------------------------------------


def test_a_package_that_is_not_allowed_has_a_name(load: Load) -> None:
    student = load(
        "import torch\n\ndef f():\n    return torch.ones(3)\n\n"
        "def g():\n    import scipy.special\n\ndef h():\n    return 1\n"
    )
    for name, package in (("f", "torch"), ("g", "scipy")):
        with pytest.raises(StudentRaised) as caught:
            getattr(student, name)()
        assert caught.value.package == package
    assert student.h() == 1


def test_a_guarded_import_sees_an_ordinary_error(load: Load) -> None:
    text = "try:\n    import torch\nexcept ModuleNotFoundError as error:\n    name = error.name\n\n"
    text += "def f():\n    return name\n"
    assert load(text).f() == "torch"


def test_the_standard_library_may_be_imported(load: Load) -> None:
    assert (
        load("import json, re, dataclasses, typing, decimal, asyncio, unittest, ssl\n\ndef f():\n    return 1\n").f()
        == 1
    )


def test_the_module_has_its_name(load: Load) -> None:
    text = "import dataclasses, sys\n\n@dataclasses.dataclass\nclass Point:\n    x: 'int'\n\n"
    text += "def f():\n    return [__name__, __name__ in sys.modules]\n"
    assert load(text).f() == ["module_of_a_student", True]


# Confinement -------------------------------------------------------------------------------------------

LOOKS_AROUND = """
import os, resource, socket, threading


def attempt(name):
    try:
        return {
            "fork": os.fork,
            "thread": lambda: threading.Thread(target=print).start(),
            "socket": socket.socket,
            "passwd": lambda: open("/etc/passwd").read(),
            "kit": lambda: open(ROOT + "/pyproject.toml").read(),
            "graders": lambda: os.listdir(ROOT + "/autograder/graders"),
            "kill": lambda: os.kill(PARENT, 0),
            "exec": lambda: os.execv("/bin/true", ["true"]),
            "write": lambda: open("/tmp/hostile-was-here", "w"),
            "chmod": lambda: os.chmod(".", 0o777),
            "above": lambda: open("../hostile-was-here", "w"),
            "core": lambda: resource.setrlimit(resource.RLIMIT_CORE, (1, 1)),
        }[name]() is None and "done" or "done"
    except (OSError, RuntimeError, ValueError) as error:
        return type(error).__name__


def scratch():
    with open("a file", "w") as file:
        file.write("x")
    return os.listdir(".")


def descriptors():
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def who():
    return [os.getpid(), os.getuid(), sorted(os.environ)]
"""


@pytest.mark.parametrize(
    "name", ["fork", "thread", "socket", "passwd", "kit", "graders", "kill", "exec", "write", "chmod", "above", "core"]
)
def test_a_worker_may_not(load: Load, name: str) -> None:
    from autograder.problems import ROOT

    student = load(f"ROOT, PARENT = {str(ROOT)!r}, {os.getpid()}\n" + LOOKS_AROUND)
    assert student.attempt(name) in ("PermissionError", "FileNotFoundError", "RuntimeError", "ValueError", "OSError")


def test_a_worker_has_one_socket_and_no_secrets(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    student = load(LOOKS_AROUND)
    assert len(student.descriptors()) == 4
    pid, uid, names = student.who()
    assert uid != 0 or os.getuid() != 0
    assert [name for name in names if "AUTOGRADER" in name or name == "HOME"] == []
    assert pid != os.getpid()


def test_the_scratch_folder_is_new_for_each_worker(load: Load, sandbox: Sandbox) -> None:
    if sandbox.namespaces() == "none":
        pytest.skip("without namespaces there is no scratch folder")
    for _ in range(3):
        assert load(LOOKS_AROUND).scratch() == ["a file"]


def test_confinement_that_fails_is_no_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail closed: where a step of the confinement fails, no student code runs."""
    from autograder.sandbox import confine
    from autograder.sandbox.spawn import SandboxError

    made = Sandbox(bubblewrap=False)
    if not made.landlock:
        pytest.skip("this kernel has no Landlock")
    monkeypatch.setattr(made, "namespaces", lambda: "given")
    rules = confine.Rules
    monkeypatch.setattr(confine, "Rules", lambda **fields: rules(**{**fields, "scratch": "/nowhere/at/all"}))
    with pytest.raises(SandboxError):
        Student(made.open_worker(NUMPY, LIMITS), "x = 1").load("module_of_a_student", "NumPy")
    made.close()


# The channel -------------------------------------------------------------------------------------------


def test_a_call_that_takes_too_long_ends_the_worker(load: Load) -> None:
    student = load("def f():\n    while True: pass\n\ndef g():\n    return 1\n", limits=Limits(0.5, 400))
    for call in (student.f, student.g):
        with pytest.raises(WorkerStopped) as caught:
            call()
        assert (caught.value.reason, str(caught.value)) == (
            "timeout",
            "it did not finish within 0.5 seconds: is there a loop that never ends?",
        )


def test_calls_together_have_a_limit(load: Load) -> None:
    student = load("import time\n\ndef f():\n    time.sleep(0.5)\n", limits=Limits(1.0, 400))
    begin = time.monotonic()
    with pytest.raises(WorkerStopped) as caught:
        deque(student.f() for _ in range(100))
    assert str(caught.value) == "its calls together did not finish within 6 seconds"
    assert time.monotonic() - begin < 30


SLOW = """
import os, time

readv, write = os.readv, os.write


def reads_slowly():
    def slow(descriptor, views):
        time.sleep(0.3)
        return readv(descriptor, [views[0][:1000]])
    os.readv = slow


def writes_slowly():
    def slow(descriptor, view):
        time.sleep(0.3)
        return write(descriptor, view[:1])
    os.write = slow


def takes(x):
    return None
"""


@pytest.mark.parametrize("name", ["reads_slowly", "writes_slowly"])
def test_a_worker_that_goes_drop_by_drop_is_late(load: Load, name: str) -> None:
    student = load(SLOW, limits=Limits(1.0, 400))
    begin = time.monotonic()
    large = np.zeros(1 << 20)
    with pytest.raises(WorkerStopped) as caught:
        deque(student.takes(large) for _ in [getattr(student, name)()])
    assert caught.value.reason == "timeout"
    assert time.monotonic() - begin < 30


def test_a_worker_that_dies_says_how(load: Load) -> None:
    for body, words in (
        ("import os; os._exit(0)", "it ended the Python process that ran it (os._exit?)"),
        ("import ctypes; ctypes.string_at(0)", "ended by SIGSEGV"),
    ):
        with pytest.raises(WorkerStopped) as caught:
            load(f"def f():\n    {body}\n").f()
        assert caught.value.reason == "died"
        assert words in str(caught.value)


def test_nothing_is_left_of_a_hundred_workers(load: Load, sandbox: Sandbox) -> None:
    load("x = 1")
    before = len(os.listdir("/proc/self/fd")), sorted(descendants())
    for number in range(100):
        channel = sandbox.open_worker(NUMPY, LIMITS)
        if number % 2:
            Student(channel, "x = 1").load("module_of_a_student", "NumPy")
        channel.close()
        channel.close()
    assert (len(os.listdir("/proc/self/fd")), sorted(descendants())) == before


def test_a_zygote_holds_no_file_open() -> None:
    """All its workers would share the place in the file."""
    sandbox = Sandbox()
    try:
        sandbox.open_worker(("matplotlib", "numpy", "torch"), LIMITS).close()
        held = []
        for pid in descendants():
            with contextlib.suppress(OSError):  # of a process that has just ended
                held += [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
    finally:
        sandbox.close()
    assert held
    assert not [path for path in held if path.startswith("/") and not path.startswith("/dev/")]


DRAWS = """
import matplotlib.pyplot as plt

def draw(decade):
    figure, ax = plt.subplots()
    ax.semilogy([1, 2], [10.0**decade, 10.0 ** (decade + 3)])
    figure.canvas.draw()
    plt.close(figure)
"""


def test_a_worker_draws_as_many_labels_as_it_likes(load: Load) -> None:
    """A font is an open file; one of the zygote's would be closed here, and its number be another file's."""
    student = load(DRAWS, ("matplotlib", "numpy"))
    for decade in range(-20, 20, 2):
        student.draw(decade)


PAGES = """
import resource, sys
import torch

def compiler_is_loaded():
    return "torch._dynamo" in sys.modules

def new_pages(calls):
    x = torch.randn(2, 3, 4, 5)
    def once():
        centered = x - x.mean(dim=(0, 2, 3), keepdim=True)
        return centered / torch.sqrt((centered**2).mean(dim=(0, 2, 3), keepdim=True) + 1e-5)
    def pages():
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        once()
    before = pages()
    for _ in range(calls):
        once()
    return pages() - before
"""


def test_a_worker_starts_with_little_and_uses_its_memory_again(load: Load) -> None:
    student = load(PAGES, ("numpy", "torch"))
    assert student.compiler_is_loaded() is False
    assert student.new_pages(20) < 40  # eight in each call, where allocations take gap after gap


def test_a_zygote_that_is_gone_is_replaced() -> None:
    made = Sandbox()
    made.open_worker(NUMPY, LIMITS).close()
    before = set(descendants())
    for pid in sorted(before, reverse=True):
        with contextlib.suppress(OSError):
            if b"sandbox.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
    channel = made.open_worker(NUMPY, LIMITS)
    student = Student(channel, "def f():\n    return 7\n")
    student.load("module_of_a_student", "NumPy")
    assert student.f() == 7
    channel.close()
    made.close()


def test_objects_are_no_answers(load: Load) -> None:
    value = load("class Equal:\n    __eq__ = lambda self, other: True\n\ndef f():\n    return Equal()\n").f()
    assert isinstance(value, RemoteObject)
    for ask in (bool, len, list, float, int, np.asarray, lambda value: value == 1, lambda value: value < 1):
        with pytest.raises((NotData, TypeError)) as caught:  # NumPy's own words for some
            ask(value)
        assert caught.value is not None


def test_large_values_are_not_kept(load: Load) -> None:
    student = load(f"import numpy as np\n\ndef f(n):\n    return np.zeros(n, dtype='int8')\n\nkept = {MAX_KEPT}\n")
    assert student.f(MAX_KEPT).nbytes == MAX_KEPT
    assert isinstance(student.calls[-1].value, np.ndarray)
    assert student.f(MAX_KEPT + 1).nbytes == MAX_KEPT + 1
    assert isinstance(student.calls[-1].value, TooLarge)


def test_functions_of_ours_take_bounded_arguments(load: Load) -> None:
    seen: list[object] = []
    student = load("import numpy as np\n\n"
                   "def f(function):\n    try:\n        function(np.zeros(9 << 20, dtype='int8'))\n"
                   "    except ValueError as error:\n        return str(error)\n")  # fmt: skip
    assert student.f(seen.append) == "the arguments are too large to be passed on"
    assert seen == []


@pytest.mark.parametrize(
    "state",
    ["", "{}", "null", "[" * 50_000, '{"state": {}}', '{"state": {"state": "' + "9" * 5_000 + '"}}',
     '{"bit_generator": "PCG64", "state": {"state": "-1", "inc": "' + "9" * 70 + '"}, "has_uint32": 0, "uinteger": 0}',
     '{"bit_generator": "PCG64", "state": {"state": 1e400, "inc": 1}, "has_uint32": 0, "uinteger": 0}'],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_a_generator_state_that_is_none(load: Load, state: str) -> None:
    text = "import sys\n\ndef f(rng):\n    sys.modules['autograder.sandbox.worker']._state = lambda generator: STATE\n"
    student = load(f"STATE = {state!r}\n{text}")
    with pytest.raises(WorkerStopped) as caught:
        student.f(np.random.default_rng(1))
    assert caught.value.reason == "tampered"


def test_a_generator_goes_on_where_the_student_left_it(load: Load) -> None:
    student = load("def f(rng):\n    return rng.standard_normal(3)\n")
    rng, same = np.random.default_rng(5), np.random.default_rng(5)
    for _ in range(3):
        np.testing.assert_array_equal(student.f(rng), same.standard_normal(3))
    assert rng.random() == same.random()


def test_what_a_test_needs_of_arguments(load: Load) -> None:
    student = load("def strides(x):\n    return list(x.strides)\n\ndef same(x, y):\n    return x is y\n\n"
                   "def first(x):\n    return float(x[0])\n\ndef spoils(x):\n    x[0] = 9\n\n"
                   "def warns():\n    import warnings\n    warnings.warn('old')\n    print('seen')\n")  # fmt: skip
    x = np.arange(12.0).reshape(3, 4)
    for view in (x, x.T, x[::-1, ::2], x[:, 1]):
        assert student.strides(view) == list(view.strides)
    assert student.same(x, x) is True
    assert student.same(x, x.copy()) is False
    vector = np.ones(3)
    assert student.first(vector) == 1.0
    student.change(vector, np.full(3, 4.0))
    assert student.first(vector) == 4.0
    student.spoils(vector)
    assert student.calls[-1].changed == ("0",)
    assert vector[0] == 4.0
    student.warns()
    assert (student.calls[-1].warnings, student.calls[-1].output) == (("UserWarning: old",), "seen\n")


def test_an_exception_of_a_grader_keeps_nothing_of_a_submission_alive() -> None:
    """The same object is raised for each submission: its traceback once held every student's values."""
    again = ValueError("the same object each time")

    def raising() -> None:
        raise again

    student = load_locally(
        "module", "def call_f(f):\n    try:\n        f()\n    except ValueError:\n        return 1\n"
    )
    for _ in range(3):
        assert student.call_f(raising) == 1
        assert again.__traceback__ is None
