"""Tries the system calls by which processes have escaped before.

task: log_softmax
everywhere: yes
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "socket": 41, "socketpair": 53, "sendmsg": 46, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62,
    "shmget": 29, "ptrace": 101, "setuid": 105, "syslog": 103, "personality": 135, "prctl": 157, "setrlimit": 160,
    "chroot": 161, "mount": 165, "umount2": 166, "pivot_root": 155, "init_module": 175, "tkill": 200, "add_key": 248,
    "keyctl": 250, "inotify_init": 253, "symlinkat": 266, "linkat": 265, "unshare": 272, "memfd_create": 319,
    "perf_event_open": 298, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "bpf": 321, "execveat": 322, "userfaultfd": 323, "io_uring_setup": 425, "pidfd_send_signal": 424, "clone3": 435,
    "pidfd_open": 434, "pidfd_getfd": 438, "mount_setattr": 442, "landlock_create_ruleset": 444, "seccomp": 317,
    "setitimer": 38, "alarm": 37, "timer_create": 222, "sched_setaffinity": 203, "mlock": 149, "chdir": 80, "chmod": 90,
}  # fmt: skip


def log_softmax(x, axis=-1):
    # 32-bit numbers and the x32 bit are other ways to name a call
    done = [name for name, number in CALLS.items() if libc.syscall(number, 0, 0, 0, 0, 0) >= 0]
    done += [f"x32 {name}" for name, number in CALLS.items() if libc.syscall(number | 0x40000000, 0, 0, 0, 0, 0) >= 0]
    errors = set()
    for number in CALLS.values():
        libc.syscall(number, 0, 0, 0, 0, 0)
        errors.add(ctypes.get_errno())
    if done or errors - {1, 38}:
        raise RuntimeError(f"AUTOGRADER_ these were let through: {done} {errors}")
    return x
