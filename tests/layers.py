#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the stages in src against the rule that everything looks one way: no two files of a stage
call or include each other, over however many others, nor do two stages, what a stage's library
exports begins with why_, every source file is built, and nothing calls what libfreerdp lets another
thread than a context's own do to it: that crashes FreeRDP 3.15 (DESIGN, fact 9).

Usage: layers.py SOURCE BUILD; both are directories."""

import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Not part of the library: their names meet no other program's.
PROGRAMS = {"cli"}

# From another thread; from the own one there are other ways to end.
UNSAFE = {"freerdp_abort_connect", "freerdp_abort_connect_context", "freerdp_abort_event"}


def circles(arrows):
    """The strongly connected components of more than one node, as sets (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in arrows.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = set(stack[stack.index(node):])
            del stack[stack.index(node):]
            if len(component) > 1:
                found.append(component)

    for node in list(arrows):
        if node not in index:
            visit(node)
    return found


def symbols(archive):
    """Two dicts, object file to set of names: what it defines for others, what it wants of them."""
    defined, wanted = {}, {}
    listing = subprocess.run(["nm", "-P", "-g", "-A", str(archive)], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        match = re.match(r".*\[(.+?)(?:\.c)?\.o\]: (\S+) (\S)", line)
        if not match or match[2].startswith(("__", ".")):  # compilers' own, sanitizers'
            continue
        name = match[2][1:] if platform.system() == "Darwin" else match[2]
        (wanted if match[3] in "Uu" else defined).setdefault(match[1], set()).add(name)
    return defined, wanted


def arrows_of(defined, wanted):
    """node -> the nodes that define what it wants"""
    home = {name: node for node, names in defined.items() for name in names}
    return {node: {home[name] for name in names if name in home} - {node}
            for node, names in wanted.items()}


def includes(folder):
    """What the files of a folder include of each other; x.c and x.h are one."""
    arrows = {}
    for file in sorted(folder.glob("*.[ch]")):
        named = re.findall(r'^#\s*include "(?:%s/)?(\w+)\.h"' % folder.name,
                           file.read_text(encoding="utf-8"), re.M)
        arrows.setdefault(file.stem, set()).update(
            name for name in named if name != file.stem and (folder / (name + ".h")).exists())
    return arrows


def left_over(source, build):
    """Sources that no object file was made of: a merge brings deleted ones back without a word."""
    built = {(path.parts[-4], path.name.removesuffix(".o").removesuffix(".c"))
             for path in build.glob("src/*/CMakeFiles/*.dir/*.o")}
    return [path for path in sorted((source / "src").glob("*/*.c"))
            if (path.parent.name, path.stem) not in built]


def main():
    source, build = Path(sys.argv[1]), Path(sys.argv[2])
    if not shutil.which("nm"):
        print("needs nm")
        return 77
    archives = {path.parent.name: path for path in sorted(build.glob("src/*/libwhy_*.a"))}
    faults, stages = [], ({}, {})

    def judge(what, arrows):
        faults.extend(f"{what}: a circle of " + " ".join(sorted(circle))
                      for circle in circles(arrows))

    for stage, archive in archives.items():
        defined, wanted = symbols(archive)
        judge(f"{stage}: calls", arrows_of(defined, wanted))
        judge(f"{stage}: includes", includes(source / "src" / stage))
        for part, of_files in zip(stages, (defined, wanted)):
            part[stage] = set().union(*of_files.values())
        faults.extend(f"{stage}/{file}.c calls {name}" for file, names in wanted.items()
                      for name in sorted(names & UNSAFE))
        bad = sorted(name for name in stages[0][stage] if not name.startswith("why_"))
        if bad and stage not in PROGRAMS:
            faults.append(f"{stage}: names without why_: " + " ".join(bad))
    judge("stages", arrows_of(*stages))
    faults += [f"{path.relative_to(source)}: nothing is built of it"
               for path in left_over(source, build)]
    print("\n".join(faults) or f"{len(archives)} stages")
    return 1 if faults or len(archives) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
