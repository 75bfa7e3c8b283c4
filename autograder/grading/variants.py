"""The sets of hidden inputs of a course: how many, and who is graded on which."""

import zlib

VARIANTS = 4  # a student's name picks one


def variant_of(student: str) -> int:
    """The set of hidden inputs that this student's submissions are graded on."""
    return zlib.crc32(student.encode()) % VARIANTS
