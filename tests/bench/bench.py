#!/usr/bin/env python3
"""Compare our service with the installed nats-server, and write docs/performance.md.

Rounds alternate between the servers, each on a fresh process, and a ratio is formed within a round;
the median of the ratios is what counts. CPU for each message is the steady figure on a machine that
others use too. Ends with 1 when a gate is missed.

  bench.py [--rounds N] [--seconds S] [--only WORD] [--no-window] [--no-write]

The installed server is the one in the environment's NATS_SERVER, or `nats-server`.
"""
import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import cluster_load  # noqa: E402
import compare  # noqa: E402
import stream_load  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.join(TOP, "build", "release", "bin")
THEIRS = os.environ.get("NATS_SERVER") or shutil.which("nats-server")
OURS = os.path.join(BIN, "signalboxd")
WINDOW = os.path.join(BIN, "signalbox")
NATSLOAD = os.path.join(BIN, "natsload")
OBSERVE = os.path.join(BIN, "observe_bench")
PAGE = os.path.join(TOP, "docs", "performance.md")

# Heading, natsload arguments, and the gates: metric, whether more is better, the ratio to reach.
CPU = ("cpu_ns_per_op", False)
RATE = ("ops_per_s", True)
P99 = ("lat_p99_us", False)
SPREAD = ("spread_s", False)
PEAK = ("server_peak_rss_mb", False)
EACH = ("rss_per_connection_kb", False)
WORKLOADS = [
    ("one to one, 128 B", "pubsub --size 128", [(CPU, 6), (RATE, 2.5)]),
    ("one to one, 200 B", "pubsub --size 200", [(CPU, 6), (RATE, 2.5)]),
    ("one to twenty, 128 B", "pubsub --subs 20 --size 128", [(CPU, 8), (RATE, 2.5)]),
    ("one to twenty, 200 B", "pubsub --subs 20 --size 200", [(CPU, 8), (RATE, 2.5)]),
    ("wildcards: 50,000 subscriptions, 100,000 subjects",
     "wild --subscriptions 50000 --subjects 100000 --subs 8 --size 128", [(CPU, 2)]),
    ("request-reply, one requester", "reqrep --pubs 1", [(CPU, 2.5), (P99, 1)]),
    ("request-reply, 32 requesters", "reqrep --pubs 32", [(CPU, 2.5), (P99, 1)]),
    ("1,000 idle connections", "conns --conns 1000 --seconds 1", [(EACH, 5)]),
    ("subscribe and unsubscribe beside 50,000 subscriptions",
     "churn --pubs 2 --subscriptions 50000", [(RATE, 2), (PEAK, 1)]),
    ("publish only, 128 B", "pub --size 128", []),
    ("one to one, 16 B", "pubsub --size 16", []),
    ("one to one, 1 KiB", "pubsub --size 1k", []),
    ("one to one, 64 KiB", "pubsub --size 64k", []),
    ("queue group of eight, 128 B", "queue --subs 8 --size 128", []),
]
CLUSTERS = [
    ("over a route, 128 B", "pubsub --size 128", None, [(CPU, 4), (RATE, 2)]),
    ("over a compressed route, 128 B", "pubsub --size 128", "s2_fast", [(CPU, None), (RATE, 1)]),
]
# Ours always syncs before it acknowledges; theirs does by the second setting.
STREAMS = [
    ("durable publish, 1,000 in flight, 200 B",
     "jspub --storage file --ack-window 1000 --size 200", "", [(RATE, 1)]),
    ("the same beside `sync_interval: always`",
     "jspub --storage file --ack-window 1000 --size 200", "sync_interval: always", [(RATE, 20)]),
    ("500 streams in turn, 200 B",
     "jspub --storage file --ack-window 1000 --size 200 --streams 500", "", [(RATE, None)]),
    ("pull by batches of 256, 128 B",
     "jspull --storage file --messages 200000 --seconds 20", "", [(RATE, 1.5), (CPU, 2)]),
]
NAMES = {"cpu_ns_per_op": "CPU", "ops_per_s": "throughput", "lat_p99_us": "p99", "spread_s": "time",
         "server_peak_rss_mb": "peak memory", "rss_per_connection_kb": "memory of a connection"}
UNITS = {"cpu_ns_per_op": "ns", "ops_per_s": "/s", "lat_p99_us": "µs", "spread_s": "s",
         "server_peak_rss_mb": "MB", "rss_per_connection_kb": "KiB"}
WINDOW_GATE_PERCENT = 3.0


def loads():
    """What is measured: heading, how it is called, gates, and a function (program, seconds) that
    answers the figures of one run."""
    for heading, workload, gates in WORKLOADS:
        yield heading, workload, gates, one_server(workload)
    for heading, workload, compression, gates in CLUSTERS:
        if compression is None or version_of(THEIRS) >= (2, 10):
            yield (heading, workload + " --sub-port", gates,
                   lambda program, seconds, w=workload, c=compression:
                   cluster_load.over_a_route(NATSLOAD, program, w, seconds, c))
    yield (f"{cluster_load.SUBSCRIPTIONS:,} subscriptions to a server that joins",
           "tests/bench/cluster_load.py", [(SPREAD, 2)],
           lambda program, _: cluster_load.spreading(program))
    for heading, workload, sync, gates in STREAMS:
        yield (heading, workload, gates,
               lambda program, seconds, w=workload, s=sync:
               stream_load.load(NATSLOAD, program, w, seconds, s if program == THEIRS else ""))
    for count, filters in ((10_000, 0), (1_000, 20)):
        yield (f"making {count:,} consumers" + (f" of {filters} filters" if filters else ""),
               "tests/bench/stream_load.py", [(RATE, 2)],
               lambda program, _, c=count, f=filters: stream_load.consumers(program, c, f))


def one_server(workload):
    return lambda program, seconds: compare.run_once(
        NATSLOAD, program + " -a 127.0.0.1 -p {port}", workload,
        [["--seconds", seconds], ["--warmup", "0.5"]])


def version_of(program):
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in said.strip().rpartition("v")[2].split("-")[0].split("."))


def measure(run, rounds, seconds):
    """The results of both servers, round by round."""
    results = {"nats": [], "ours": []}
    for _ in range(rounds):
        for name, program in (("nats", THEIRS), ("ours", OURS)):
            results[name].append(run(program, seconds))
    return results


def saturated(results):
    """Whether the generator was the limit for ours, so that its rate is a lower bound."""
    busy = compare.median_of(results["ours"], "loadgen_cores")
    return busy is not None and busy > 0.9


def judge(results, gates):
    """Rows (metric, theirs, ours, ratio, gate, verdict)."""
    rows = []
    shown = [gate for gate in gates]
    for extra in (CPU, RATE):
        if not any(metric == extra for metric, _ in shown):
            shown.append((extra, None))
    for (key, more), gate in shown:
        theirs = compare.median_of(results["nats"], key)
        ours = compare.median_of(results["ours"], key)
        ratio = compare.ratio(results["nats"], results["ours"], key, more)
        if theirs is None or ours is None or ratio is None:
            continue
        verdict = ""
        if gate is not None:
            verdict = "reached" if ratio >= gate else "**missed**"
            if ratio < gate and key == "ops_per_s" and saturated(results):
                verdict = "generator is the limit"
        rows.append((key, theirs, ours, ratio, gate, verdict))
    return rows


def thread_nanos(pid, name):
    """The CPU time of the threads of that name, in nanoseconds."""
    total = 0
    tasks = f"/proc/{pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm", encoding="utf-8") as comm:
            if comm.read().strip() != name:
                continue
        with open(f"{tasks}/{task}/schedstat", encoding="utf-8") as stat:
            total += int(stat.read().split()[0])
    return total


def engine_cost(command, environment, seconds):
    """CPU of the engine's thread for each delivered message, or None when the run failed."""
    port = compare.free_port()
    process = subprocess.Popen([word.format(port=port) for word in command], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not wait_for_port(port, process):
            return None
        before = thread_nanos(process.pid, "engine")
        done = subprocess.run(
            [NATSLOAD, "pubsub", "--size", "128", "--port", str(port), "--seconds", seconds,
             "--warmup", "0.5"], capture_output=True, text=True, timeout=120)
        after = thread_nanos(process.pid, "engine")
        if done.returncode != 0:
            return None
        result = json.loads(done.stdout)
        # The thread is read around the whole run, warm-up included; so are the messages.
        messages = result["ops_per_s"] * (result["seconds"] + 0.5)
        return (after - before) / messages
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port, process):
    deadline = time.time() + 20
    while time.time() < deadline and process.poll() is None:
        try:
            compare.socket.create_connection(("127.0.0.1", port), 0.5).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def window_cost(rounds, seconds):
    """Percent of engine CPU that an open window adds to a message: the median over the rounds."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    profile = compare.tempfile.mkdtemp(prefix="signalbox-bench-")
    opened = [WINDOW, "--run", "--port", "{port}", "--page", "subjects", "--profile-dir", profile]
    closed = [OURS, "-a", "127.0.0.1", "-p", "{port}"]
    added, pairs = [], []
    for _ in range(rounds):
        without = engine_cost(closed, environment, seconds)
        with_window = engine_cost(opened, environment, seconds)
        if without and with_window:
            pairs.append((without, with_window))
            added.append(100.0 * (with_window / without - 1))
    shutil.rmtree(profile, ignore_errors=True)
    return (statistics.median(added) if added else None), pairs


def number(value):
    return compare.short(value)


def observe_cost():
    """The rows of a table, and how many of its gates were missed."""
    done = subprocess.run([OBSERVE], capture_output=True, text=True)
    return done.stdout.splitlines(), done.returncode


def page(sections, window, observed, options):
    version = subprocess.run([THEIRS, "-v"], capture_output=True, text=True).stdout.strip()
    own = subprocess.run([OURS, "-v"], capture_output=True, text=True).stdout.strip()
    out = ["# Performance", "",
           "Written by `./dev bench`. Ratios above 1 are in our favour; each is the median of the "
           f"ratios within {options.rounds} rounds, in which the two servers take turns on fresh "
           "processes. CPU is that of the server process for each operation, as `natsload` "
           "(`tests/bench/natsload`) counts them.", "",
           f"- compared: `{version}` and `{own}`",
           f"- machine: {platform.machine()}, {os.cpu_count()} cores, {platform.system()} "
           f"{platform.release().split('-')[0]}; server and generator share the cores",
           f"- date: {datetime.date.today().isoformat()}, {options.seconds} s measured in each run",
           "", "| load | metric | nats-server | signalboxd | ratio | gate | |",
           "|---|---|---|---|---|---|---|"]
    for heading, workload, rows in sections:
        for key, theirs, ours, ratio, gate, verdict in rows:
            wanted = "" if gate is None else f"{gate:g}"
            out.append(f"| {heading} | {NAMES[key]} | {number(theirs)} {UNITS[key]} | "
                       f"{number(ours)} {UNITS[key]} | {ratio:.2f} | {wanted} | {verdict} |")
    out += ["", "The loads, as `natsload` is called:", ""]
    out += [f"- {heading}: `{workload}`" for heading, workload, _ in sections]
    if window is not None:
        added, pairs = window
        verdict = "reached" if added is not None and added <= WINDOW_GATE_PERCENT else "**missed**"
        shown = "no figure" if added is None else f"{added:+.1f} %"
        out += ["", "## With the window open", "",
                f"CPU of the engine's thread for each message (one to one, 128 B), window open on the "
                f"subject tree against no window, {len(pairs)} interleaved rounds: {shown} "
                f"(at most +{WINDOW_GATE_PERCENT:g} %: {verdict}).", ""]
    out += ["", "## Observation", "",
            "CPU of the thread that does it; no gate where none is given.", "",
            "| what | measured | gate | |", "|---|---|---|---|"] + observed
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write("\n".join(out).rstrip() + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", default="2")
    parser.add_argument("--only", default="", help="loads whose heading or arguments hold this")
    parser.add_argument("--no-window", action="store_true")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    if THEIRS is None:
        sys.exit("bench: nats-server is not installed")
    missed = 0
    sections = []
    for heading, workload, gates, run in loads():
        if options.only not in heading and options.only not in workload:
            continue
        results = measure(run, options.rounds, options.seconds)
        rows = judge(results, gates)
        sections.append((heading, workload, rows))
        for key, theirs, ours, ratio, gate, verdict in rows:
            print(f"{heading:<54} {NAMES[key]:<22} {number(theirs):>8} {number(ours):>8} "
                  f"{ratio:6.2f}x {'' if gate is None else '>= ' + format(gate, 'g'):<8} {verdict}",
                  flush=True)
            missed += "missed" in verdict
        lost = sum(result.get("lost", 0) for result in results["ours"])
        failed = [result["failed"] for result in results["ours"] if "failed" in result]
        if lost or failed:
            print(f"  ours lost {lost}, failed: {failed}")
            missed += 1
    window = None
    if not options.no_window and not options.only and os.path.exists(WINDOW):
        window = window_cost(max(options.rounds, 9), options.seconds)
        print(f"window open: {window[0]} % more engine CPU for each message")
        missed += window[0] is None or window[0] > WINDOW_GATE_PERCENT
    observed = []
    if not options.only or options.only == "observe":
        observed, too_slow = observe_cost()
        print("\n".join(observed))
        missed += too_slow
    if not options.no_write and not options.only:
        page(sections, window, observed, options)
        print(f"wrote {os.path.relpath(PAGE, TOP)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
