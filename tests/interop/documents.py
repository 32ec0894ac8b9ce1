"""Compares documents of two servers key by key and type by type, lists included, against a list of
differences that are meant."""

import json
import re
from collections import OrderedDict


def ordered(text):
    return json.loads(text, object_pairs_hook=OrderedDict)


def kind(value):
    """A number is a number: 2 seconds and 2.5 seconds are of one type."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "text", list: "list", type(None): "null"}.get(type(value), "object")


def shape(value, path="", found=None):
    """Of each place in the document, the types that stand there. The members of a list are at one
    place, and so are the values of a map whose keys are data."""
    found = OrderedDict() if found is None else found
    found.setdefault(path, set()).add(kind(value))
    if isinstance(value, dict):
        for key, each in value.items():
            shape(each, "%s.%s" % (path, "*" if path in DATA_KEYS else key), found)
    elif isinstance(value, list):
        for each in value:
            shape(each, path + "[]", found)
    return found


# Maps whose keys are no names of ours.
DATA_KEYS = {".http_req_stats", ".data.http_req_stats", ".account_detail.mappings",
             ".data.account_detail.mappings", ".data.mappings", ".data.memstats"}


class Expected:
    """A difference that is meant: where, whether `theirs` or `ours` alone has it or it is of
    another `type`, and why."""

    def __init__(self, where, what, why):
        self.where, self.what, self.why = re.compile(where, re.I), what, why

    def covers(self, place, what):
        return self.what == what and self.where.search(place)


EXPECTED = [
    Expected(r"\.feature_flags", "theirs", "all there are concern JetStream"),
    Expected(r"varz.*\.(git_commit|gomemlimit)$", "theirs", "its build, its language's memory"),
    Expected(r"varz.*\.signalbox$", "ours", "our own version"),
    Expected(r"varz.*http_req_stats", "ours", "counts `/metrics` too"),
    Expected(r"statsz.*\.gomemlimit$", "theirs", "its language's memory"),
    Expected(r"connz.*\.stalls$", "theirs", "only where a client was held"),
    Expected(r"connz.*\.stalls$", "ours", "only where a client was held"),
    Expected(r"(statsz|STATSZ|PING).*\.(slow_consumer_stats|stale_connection|stalled)", "theirs",
             "only where there were any"),
    Expected(r"ACCOUNT\.Z\.CONNZ.*\.connections$", "type", "empty, not null, for no such account"),
    Expected(r"IPQUEUESZ.*\.data\.", "theirs", "it has queues, this one none"),
    Expected(r"leafz.*\.leafs$", "type", "null until 2.12"),
]


def differences(name, theirs, ours, theirs_is_old=False):
    """What is not expected, one line each. What an old version does not have yet is no
    difference."""
    left, right = shape(theirs), shape(ours)
    found = []
    for place in list(left) + [p for p in right if p not in left]:
        if place not in right:
            what = "theirs"
        elif place not in left:
            what = "ours"
        elif left[place] != right[place]:
            what = "type"
        else:
            continue
        # Of an object that is missing its members are as well.
        inside = any(place.startswith(p + ".") or place.startswith(p + "[") for p, w in found
                     if w == what)
        full = "%s %s" % (name, place)
        if inside or any(e.covers(full, what) for e in EXPECTED):
            continue
        if what == "ours" and theirs_is_old:
            continue
        found.append((place, what))
    return ["%s %s: %s" % (name, place, {
        "theirs": "only theirs has it", "ours": "only ours has it",
        "type": "%s, ours %s" % (left.get(place), right.get(place))}[what])
            for place, what in found]


def order_of(value, path=""):
    """The keys of each object in their order, lists by their first member."""
    if isinstance(value, list):
        return order_of(value[0], path + "[]") if value else {}
    if not isinstance(value, dict) or path in DATA_KEYS:
        return {}
    found = {path: list(value)}
    for key, each in value.items():
        found.update(order_of(each, "%s.%s" % (path, key)))
    return found


def misplaced(name, theirs, ours):
    """Objects of which the keys that both have come in another order."""
    left, right = order_of(theirs), order_of(ours)
    return ["%s %s: %s, ours %s" % (name, path, one, two)
            for path in left if path in right
            for one, two in [([k for k in left[path] if k in right[path]],
                              [k for k in right[path] if k in left[path]])]
            if one != two]
