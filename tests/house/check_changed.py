#!/usr/bin/env python3
"""Formats and lints the sources that changed since the base of the branch.

    check_changed.py [--format] [--tidy] [--fix] [--all] [--jobs N] [--minutes M] [FILE…]

Without --format or --tidy it does both. The base is $SIGNALBOX_BASE, or where the branch left
origin/main. --fix lets clang-format rewrite; --all looks at every source. Formatting alone always
looks at every source, for that takes a second. clang-tidy reads how to compile from build/asan, or
from the folder given with --build; after --minutes it begins no further file and says how many it
left out. Files that are named are the only ones linted.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("engine", "gui", "headless", "tests")


def git(*words):
    """What git answers, or None when it cannot: a tree without history has no changes."""
    run = subprocess.run(["git", "-C", TOP, *words], capture_output=True, text=True)
    return run.stdout if run.returncode == 0 else None


def is_source(path):
    return (path.endswith((".cpp", ".h")) and path.startswith(tuple(f + "/" for f in FOLDERS))
            and "/node_modules/" not in path)


def all_sources():
    found = []
    for folder in FOLDERS:
        for path in sorted((TOP / folder).rglob("*")):
            name = path.relative_to(TOP).as_posix()
            if is_source(name) and path.is_file():
                found.append(name)
    return found


def changed_sources():
    base = os.environ.get("SIGNALBOX_BASE") or (git("merge-base", "HEAD", "origin/main") or "").strip()
    changed = (git("diff", "--name-only", base) or "") if base else ""
    untracked = git("ls-files", "--others", "--exclude-standard") or ""
    names = sorted(set((changed + untracked).split("\n")))
    return [name for name in names if is_source(name) and (TOP / name).exists()]


def check_format(sources, fix):
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]
    failed = False
    for start in range(0, len(sources), 50):
        run = subprocess.run(["clang-format-14", *mode, *sources[start:start + 50]], cwd=TOP)
        failed = failed or run.returncode != 0
    print(f"format: {len(sources)} files, {'not as .clang-format says' if failed else 'all well'}")
    return not failed


def tidy_one(build, source, give_up):
    if give_up and time.monotonic() > give_up:
        return source, None, ""
    run = subprocess.run(["clang-tidy-14", "--quiet", "-p", build, source], cwd=TOP,
                         capture_output=True, text=True)
    return source, run.returncode, run.stdout


def check_tidy(sources, build, jobs, minutes):
    code = [name for name in sources if name.endswith(".cpp") and "/samples/" not in name]
    if not code:
        print("clang-tidy: no .cpp changed")
        return True
    if not (build / "compile_commands.json").exists():
        print(f"clang-tidy: {build} is not configured; ./dev test makes it", file=sys.stderr)
        return False
    failed = 0
    left_out = 0
    give_up = time.monotonic() + 60 * minutes if minutes else None
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for source, status, output in pool.map(lambda name: tidy_one(build, name, give_up), code):
            if status is None:
                left_out += 1
            elif status != 0:
                failed += 1
                print(f"{source}:\n{output}", flush=True)
    print(f"clang-tidy: {len(code) - left_out} files, {failed} with findings")
    if left_out:
        print(f"clang-tidy: no time for {left_out} more; ./dev check looks at all that changed")
    return failed == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--format", action="store_true")
    parser.add_argument("--tidy", action="store_true")
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build" / "asan")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("files", nargs="*")
    wanted = parser.parse_args()
    both = not wanted.format and not wanted.tidy
    good = True
    if wanted.format or both:
        good = check_format(all_sources(), wanted.fix) and good
    if wanted.tidy or both:
        sources = wanted.files or (all_sources() if wanted.all else changed_sources())
        good = check_tidy(sources, wanted.build, wanted.jobs, wanted.minutes) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
