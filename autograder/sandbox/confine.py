"""Confinement of a worker process: what the kernel takes away before any student code runs.

Runs in the forked child of a zygote, in this order: namespaces, resource limits, user and capabilities, Landlock,
seccomp. Every step that fails raises `ConfineError`: fail closed. Sources: landlock(7), seccomp(2), capabilities(7).
"""

import contextlib
import ctypes
import itertools
import os
import resource
import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
_MS_PRIVATE_RECURSIVE = (1 << 18) | (1 << 14)
_MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_SYS_CAPSET = 126
_SYS_LANDLOCK_CREATE, _SYS_LANDLOCK_ADD, _SYS_LANDLOCK_RESTRICT = 444, 445, 446

_OPEN_FILES = 64
_FILE_BYTES = 16 << 20
_CPU_SECONDS = 900
_SCRATCH = b"size=16m,nr_inodes=256,mode=777"
_UIDS = (61_000, 4_000)  # first, count

# x86_64. What NumPy, torch and Matplotlib need once loaded; no socket, fork, exec, kill, ptrace, shared memory.
_ALLOWED = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "select": 23,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "dup": 32, "nanosleep": 35, "getpid": 39, "exit": 60,
    "uname": 63, "fcntl": 72, "ftruncate": 77, "getdents": 78, "getcwd": 79, "rename": 82, "mkdir": 83,
    "unlink": 87, "readlink": 89, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102,
    "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131, "gettid": 186, "time": 201,
    "futex": 202, "sched_getaffinity": 204, "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "openat": 257, "mkdirat": 258,
    "newfstatat": 262, "unlinkat": 263, "renameat": 264, "readlinkat": 267, "faccessat": 269, "pselect6": 270,
    "ppoll": 271, "set_robust_list": 273, "getrandom": 318, "membarrier": 324, "statx": 332, "rseq": 334,
    "faccessat2": 439,
}  # fmt: skip
_IOCTL, _CLONE3 = 16, 435
_AUDIT_ARCH_X86_64 = 0xC000003E
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOTTY, _ENOSYS = (0x00050000 | number for number in (1, 25, 38))

_libc = ctypes.CDLL(None, use_errno=True)


class ConfineError(OSError):
    """A step of the confinement failed: nothing may run."""


class Rules(msgspec.Struct, frozen=True):
    """What a zygote's workers may do. With namespaces, each mounts a private tmpfs at `scratch`."""

    readable: tuple[str, ...]
    memory_mb: int
    scratch: str
    namespaces: Literal["given", "own", "none"]
    landlock: bool


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 when it has none."""
    version: int = _libc.syscall(_SYS_LANDLOCK_CREATE, None, 0, 1)
    return max(0, version)


def own_namespaces() -> bool:
    """Give this process privileges over namespaces of its own, where the kernel lets it have them; else change nothing.

    Tried in a child first, because half of it cannot be undone. Afterwards an ordinary user's process goes on as the
    first one of a PID namespace that it owns: only there can it make one for each worker.
    """
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            _enter_own_namespaces()
            _mount_tmpfs(b"/")
            os._exit(0)
        os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        return False
    _enter_own_namespaces()
    return True


def _enter_own_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        _checked(_libc.unshare(CLONE_NEWNS), "a mount namespace")
    else:
        _checked(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), "a user namespace")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        first = os.fork()
        if first:  # wait for the one that goes on, and end as it ends
            os._exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0xFF)
        _checked(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "PR_SET_PDEATHSIG")
    _checked(_libc.mount(b"none", b"/", None, _MS_PRIVATE_RECURSIVE, None), "private mounts")


def new_pid_namespace() -> int:
    """The next fork is the first process of a PID namespace of its own."""
    result: int = _libc.unshare(CLONE_NEWPID)
    return result


def enter_pid_namespace(descriptor: int) -> None:
    """Later forks belong to this PID namespace again; without that, unshare refuses a second time."""
    _checked(_libc.setns(descriptor, CLONE_NEWPID), "returning to the PID namespace")


def landlock_rules(rules: Rules) -> int:
    """A Landlock ruleset, as a descriptor: the readable paths, /dev/null and the scratch folder, nothing else."""
    version = landlock_version()
    # All rights that this kernel knows are denied unless granted below (ABI 1 has 13 of them, 2: 14, 3: 15, 5: 16).
    known = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    attributes = struct.pack("<Q", known)
    ruleset = _checked(_libc.syscall(_SYS_LANDLOCK_CREATE, attributes, len(attributes), 0), "Landlock")
    execute, write_file, read_file, read_dir = 1 << 0, 1 << 1, 1 << 2, 1 << 3
    remove_file, make_dir, make_file, truncate = 1 << 5, 1 << 7, 1 << 8, 1 << 14
    for path in rules.readable:
        _allow(ruleset, path, (execute | read_file | read_dir) & known)
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        _allow(ruleset, device, (read_file | write_file) & known)
    if rules.namespaces != "none":
        writing = write_file | read_file | read_dir | remove_file | make_dir | make_file | truncate
        _allow(ruleset, os.path.dirname(rules.scratch), writing & known)
    return ruleset


def worker_uids(rules: Rules) -> Iterator[int | None]:
    """A user id for each worker in turn; None (the zygote's own) unless root runs it and others can read Python."""
    possible = os.getuid() == 0 and all(map(_open_to_others, rules.readable))
    first, count = _UIDS
    return itertools.cycle(range(first, first + count)) if possible else itertools.repeat(None)


def seccomp_program() -> bytes:
    """The system-call filter as classic BPF: allowed calls pass, the rest fail with EPERM."""
    load_arch, load_number, equals, give = 0x20, 0x20, 0x15, 0x06

    def step(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
        return struct.pack("<HBBI", code, jump_true, jump_false, value)

    program = [
        step(load_arch, 0, 0, 4),
        step(equals, 1, 0, _AUDIT_ARCH_X86_64),
        step(give, 0, 0, _KILL),
        step(load_number, 0, 0, 0),
    ]
    answers = dict.fromkeys(_ALLOWED.values(), _ALLOW)
    # isatty() must say no rather than be refused; ENOSYS makes glibc fall back to clone, which is refused.
    answers |= {_IOCTL: _ENOTTY, _CLONE3: _ENOSYS}
    for number, answer in answers.items():
        program += [step(equals, 0, 1, number), step(give, 0, 0, answer)]
    program.append(step(give, 0, 0, _EPERM))
    return b"".join(program)


def confine(rules: Rules, ruleset: int | None, program: bytes, uid: int | None) -> None:
    """Confine this process for good, as the user `uid` if one is given."""
    if rules.namespaces != "none":
        _checked(_libc.unshare(CLONE_NEWNS), "a mount namespace")
        _mount_tmpfs(rules.scratch.encode())
        os.chdir(rules.scratch)
    _limit(rules)
    _drop_privileges(uid)
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "PR_SET_PDEATHSIG")
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if ruleset is not None:
        _checked(_libc.syscall(_SYS_LANDLOCK_RESTRICT, ruleset, 0), "Landlock")
        os.close(ruleset)
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_, 0, 0), "seccomp")


def _limit(rules: Rules) -> None:
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    for name, value in (
        (resource.RLIMIT_AS, used + (rules.memory_mb << 20)),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(name, (value, value))


def _drop_privileges(uid: int | None) -> None:
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = struct.pack("<II", 0x20080522, 0)
    _checked(_libc.syscall(_SYS_CAPSET, header, bytes(24)), "dropping capabilities")


def _open_to_others(path: str) -> bool:
    """Another user can reach the path: without that, a Python under /root would be lost to its worker."""
    while path != "/":
        if not os.stat(path).st_mode & (0o001 if os.path.isdir(path) else 0o004):
            return False
        path = os.path.dirname(path)
    return True


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not os.path.isdir(path):
        rights &= (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14)  # the rights that files have
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("<Qi", rights, descriptor)
        _checked(_libc.syscall(_SYS_LANDLOCK_ADD, ruleset, 1, rule, 0), f"Landlock ({path})")
    finally:
        os.close(descriptor)


def _mount_tmpfs(target: bytes) -> None:
    mounted = _libc.mount(b"tmpfs", target, b"tmpfs", _MS_NOSUID_NODEV_NOEXEC, _SCRATCH)
    _checked(mounted, "a private tmpfs")


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise ConfineError(number, f"{what}: {os.strerror(number)}")
    return result
