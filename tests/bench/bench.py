#!/usr/bin/env python3
"""The benchmark: make bench [ROUNDS=3] [ROWS="down ssh"] [TOOLS="nc socat"]

Measures proxytunnel beside what a tunnel costs at least (floor.c) and beside
those of its kind that are installed, on loopback; as root in a network
namespace of its own.  Tools take turns, round by round; a ratio is taken
within a round, and the table has the median of all rounds and the range:

    RATIO LOWEST-HIGHEST MEDIAN     the reference has its median alone

Rows, and those that begin with their names:
  down up duplex echo   GB/s (each way), and CPU of the tool in s/GiB; its
                        standard input and output are pipes, or with "-sock" a
                        socketpair; the proxy is on one CPU, tool and driver on
                        the other, or with "-free" wherever they like
  ping1 ping64          a round trip of so many bytes; all on one CPU, or "-free"
  setup                 from its start to the first echoed byte, and to its end
  memory                of an idle tunnel, private and dirty
  ssh                   through ssh: GB/s and a byte's way there and back; the
                        reference is ssh without a proxy, by the bed's forwarder;
                        sshd is on one CPU, ssh and tool on the other
  listen                tunnels of a listener: how fast they open, what an idle
                        one takes, 100 busy ones, and those beside idle ones
A ratio above 1 is good where the row is GB/s or 1/s, and below it elsewhere.

Environment: PROXYTUNNEL, another binary; MS, how long a transfer should take
(100); BYTES, a fixed size of each instead; MANY, tunnels of a listener ("100
1000 9900"), as far as there are descriptors.  TOOLS never needs to name the references.
"""
import contextlib
import ctypes
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build", "bench")
DRIVE = os.path.join(BUILD, "drive")
FLOOR = os.path.join(BUILD, "floor")
BED = os.path.join(BUILD, "bed")
STATIC = os.path.join(BUILD, "proxytunnel-static")
PROXYTUNNEL = os.environ.get("PROXYTUNNEL") or os.path.join(TOP, "proxytunnel")

ROUNDS = int(os.environ.get("ROUNDS") or 3)
MS = int(os.environ.get("MS") or 100)
BYTES = int(os.environ.get("BYTES") or 0)
MANY = [int(n) for n in (os.environ.get("MANY") or "100 1000 9900").split()]

PROBE = 32 << 20     # bytes that tell how many take MS
BUSY = 100           # tunnels that all bring bytes
FORKS_MOST = 100     # tunnels of a listener with a process for each
LIMIT_S = 30         # of one measurement
PR_SET_CHILD_SUBREAPER = 36

# name: what follows the program; P is the proxy's port, H and D the destination.
COMMANDS = {
    "floor": [FLOOR, "{P}", "{H}", "{D}"],
    "proxytunnel": [PROXYTUNNEL, "-q", "-p", "127.0.0.1:{P}", "{H}:{D}"],
    "static": [STATIC, "-q", "-p", "127.0.0.1:{P}", "{H}:{D}"],
    "old": ["/usr/bin/proxytunnel", "-q", "-p", "127.0.0.1:{P}", "-d", "{H}:{D}"],
    "corkscrew": ["corkscrew", "127.0.0.1", "{P}", "{H}", "{D}"],
    "connect-proxy": ["connect-proxy", "-H", "127.0.0.1:{P}", "{H}", "{D}"],
    "nc": ["nc", "-X", "connect", "-x", "127.0.0.1:{P}", "{H}", "{D}"],
    "ncat": ["ncat", "--proxy", "127.0.0.1:{P}", "--proxy-type", "http", "{H}", "{D}"],
    "socat": ["socat", "-b", "65536", "-", "PROXY:127.0.0.1:{H}:{D},proxyport={P}"],
}
PASSES = {
    "proxytunnel": [PROXYTUNNEL, "-q", "--fdpass", "-p", "127.0.0.1:{P}", "{H}:{D}"],
    "nc": ["nc", "-F", "-X", "connect", "-x", "127.0.0.1:{P}", "{H}", "{D}"],
}
# L is the port to listen on; those without it print theirs.
LISTENERS = {
    "lfloor": [FLOOR, "-a", "{P}", "{H}", "{D}"],
    "proxytunnel": [PROXYTUNNEL, "-a", "127.0.0.1:0", "-p", "127.0.0.1:{P}", "{H}:{D}"],
    "old": ["/usr/bin/proxytunnel", "-q", "-a", "{L}", "-p", "127.0.0.1:{P}", "-d", "{H}:{D}"],
    "socat": ["socat", "-b", "65536",
              "TCP-LISTEN:{L},bind=127.0.0.1,fork,reuseaddr,backlog=1024",
              "PROXY:127.0.0.1:{H}:{D},proxyport={P}"],
}
FORKS = ("old", "socat")
# The static build and others of the program are of interest in these alone.
STATIC_ROWS = ("setup", "memory")


def say(text):
    print(text, file=sys.stderr, flush=True)


# Processes


def parents():
    """The parent of each process."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as f:
                found[int(name)] = int(f.read().rsplit(")", 1)[1].split()[1])
    return found


def family(pid):
    """A process and all that come from it."""
    of, members = parents(), [pid]
    for member in members:
        members += [child for child, parent in of.items() if parent == member]
    return members


def end(process):
    """Ends a process and what it started."""
    for pid in reversed(family(process.pid)):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_all():
    """What is left of what was started here; orphans come to us."""
    for _ in range(100):
        for pid in family(os.getpid())[1:]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except ChildProcessError:
            return
        time.sleep(0.02)


@contextlib.contextmanager
def running(argv, **options):
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, **options)
    try:
        yield process
    finally:
        end(process)
        process.stdin.close()
        process.stdout.close()


def run_drive(*words):
    """What a measurement says: a dict, with "error" where there is none."""
    argv = [DRIVE, "-t", str(LIMIT_S), *map(str, words)]
    with running(argv, stderr=subprocess.PIPE) as process:
        line = process.stdout.readline()
        errors = "" if line else process.stderr.read()
        process.stderr.close()
    return json.loads(line) if line else {"error": errors.strip() or "no result"}


def fill(argv, proxy, host, port=1, listen=0):
    return [word.format(P=proxy, H=host, D=port, L=listen) for word in argv]


def is_there(argv):
    return shutil.which(argv[0]) is not None


def peers():
    """All but the reference, in the order of the columns."""
    wanted = (os.environ.get("TOOLS") or " ".join(COMMANDS)).split()
    return [name for name, argv in COMMANDS.items()
            if name != "floor" and name in wanted and is_there(argv)]


# The table


class Table:
    def __init__(self, columns):
        self.columns = columns
        self.lines = []
        self.notes = []

    def add(self, row, unit, reference, values, key):
        """A line: of each tool's results, round by round, what key names."""
        def median(numbers):
            return statistics.median(numbers) if numbers else None

        def of(name):
            return [r.get(key) for r in values.get(name, [])]

        base = of(reference)
        first = median([v for v in base if v is not None])
        cells = {reference: "-" if first is None else short(first)}
        for name in values:
            if name == reference:
                continue
            pairs = [(v, b) for v, b in zip(of(name), base) if v is not None]
            ratios = [v / b for v, b in pairs if b]
            cells[name] = "-"
            if ratios:
                cells[name] = "%s %s-%s %s" % (
                    short(median(ratios)), short(min(ratios)),
                    short(max(ratios)), short(median([v for v, _ in pairs])))
            elif pairs:
                cells[name] = short(median([v for v, _ in pairs]))
        self.lines.append((row, unit, cells, reference))

    def skip(self, row, why):
        self.lines.append((row, "skipped: " + why, None, None))

    def faults(self, row, values):
        for name, results in values.items():
            errors = sorted({r["error"] for r in results if "error" in r})
            if errors:
                self.notes.append(f"{row}: {name}: {'; '.join(errors)}")

    def __str__(self):
        columns = [c for c in self.columns
                   if any(cells and c in cells for _, _, cells, _ in self.lines)]
        grid = [["row", "unit", "reference", *columns]]
        for row, unit, cells, reference in self.lines:
            if cells is None:
                grid.append([row, unit])
            else:
                grid.append([row, unit, "%s %s" % (reference, cells[reference])]
                            + [cells.get(c, "") for c in columns])
        widths = [max(len(line[i]) for line in grid if len(line) > 2)
                  for i in range(len(grid[0]))]
        text = "\n".join("  ".join(cell.ljust(width) for cell, width
                                   in zip(line, widths)).rstrip() for line in grid)
        return "\n".join([text] + self.notes)


def short(number):
    """Three digits that count."""
    if abs(number) >= 100:
        return "%.0f" % number
    return "%.*f" % (1 if abs(number) >= 10 else 2 if abs(number) >= 0.1 else 3, number)


def take_turns(names, measure, rounds=ROUNDS):
    results = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            results[name].append(measure(name))
    return results


# The rows


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.tools = peers()
        self.table = Table(self.tools)
        self.stack = contextlib.ExitStack()
        self.last_cpu = (os.cpu_count() or 1) - 1
        self.beds = {}

    def bed(self, place):
        """The port of a proxy: on "first" or "last" CPU, or "free"."""
        if place not in self.beds:
            cpu = {"first": ["-c", "0"], "last": ["-c", str(self.last_cpu)], "free": []}
            process = self.stack.enter_context(running([BED, *cpu[place]]))
            self.beds[place] = int(process.stdout.readline())
        return self.beds[place]

    def tools_of(self, row):
        return ["floor"] + [name for name in self.tools
                            if name != "static" or row in STATIC_ROWS]

    def drive(self, name, what, target, place, words=()):
        """Runs a tool of ours or a peer; place is where the proxy is."""
        cpu = [] if place == "free" else ["-c", self.last_cpu]
        return run_drive(*cpu, *words, what,
                         *fill(COMMANDS[name], self.bed(place), target))

    def transfers(self, row):
        what, *kinds = row.split("-")
        place = "free" if "free" in kinds else "first"
        sock = ["-s"] if "sock" in kinds else []
        names = {"down": "source", "up": "sink", "duplex": "duplex", "echo": "echo"}
        sizes = {}

        def measure(name, size=None):
            size = size or sizes[name]
            target = names[what] + ("" if what == "echo" else f".{size}")
            return self.drive(name, what, target, place, [*sock, "-n", size])

        for name in self.tools_of(row):
            sizes[name] = BYTES
            if not BYTES:
                speed = measure(name, PROBE).get("gbps", 0.3)
                sizes[name] = max(PROBE, int(speed * 1e6 * MS))
        results = take_turns(sizes, measure)
        self.table.add(row, "GB/s", "floor", results, "gbps")
        self.table.add(row, "CPU s/GiB", "floor", results, "cpu_gib")
        self.table.faults(row, results)

    def ping(self, row):
        size, *kinds = row[len("ping"):].split("-")
        place = "free" if "free" in kinds else "last"
        results = take_turns(self.tools_of(row), lambda name: self.drive(
            name, "ping", "echo", place, ["-m", size, "-n", 300 if BYTES else 2000]))
        self.table.add(row, "us", "floor", results, "us")
        if not kinds:
            self.table.add(row, "CPU us", "floor", results, "cpu_us")
        self.table.faults(row, results)

    def setup(self, row):
        results = take_turns(self.tools_of(row), lambda name: self.drive(
            name, "setup", "once", "last", ["-n", 3 if BYTES or name == "ncat" else 20]))
        self.table.add(row, "us to 1st byte", "floor", results, "first_us")
        self.table.add(row, "us to its end", "floor", results, "us")
        self.table.add(row, "CPU us", "floor", results, "cpu_us")
        self.table.faults(row, results)

    def memory(self, row):
        def measure(name):
            argv = fill(COMMANDS[name], self.bed("free"), "echo")
            with running([DRIVE, "-t", str(LIMIT_S), "idle", *argv]) as process:
                result = json.loads(process.stdout.readline())
                if "pid" in result:
                    result["kib"] = rollup(result["pid"], "Private_Dirty")
            return result

        # Pages of a program that was built just now count as dirty.
        for name in self.tools_of(row):
            with open(shutil.which(COMMANDS[name][0])) as f:
                os.fsync(f.fileno())
        results = take_turns(self.tools_of(row), measure, 1)
        self.table.add(row, "KiB", "floor", results, "kib")
        self.table.faults(row, results)

    def ssh(self, row):
        if not all(map(shutil.which, ("ssh", "ssh-keygen"))) or not sshd_path():
            return self.table.skip(row, "no ssh or no sshd")
        sshd = free_port()
        config = ssh_config(self.folder, sshd)
        self.stack.enter_context(running(
            [sshd_path(), "-D", "-e", "-f", self.folder + "/sshd_config"],
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {0})))
        wait_for_port(sshd)
        bed = self.stack.enter_context(running([BED, "-c", "0", "-f", str(sshd)]))
        proxy, forward = bed.stdout.readline().split()
        straight = ["ssh", "-F", config, "-p", forward, "bed"]
        check = subprocess.run([*straight, "true"], stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=30)
        if check.returncode != 0:
            return self.table.skip(row, "sshd: " + (check.stderr.strip() or "no login"))

        def argv(name, commands):
            if name == "straight":
                return straight
            tool = " ".join(fill(commands[name], proxy, "127.0.0.1", sshd))
            use = "yes" if commands is PASSES else "no"
            return ["ssh", "-F", config, "-o", "ProxyUseFdpass=" + use,
                    "-o", "ProxyCommand=" + tool, "bed"]

        size = BYTES or 64 << 20
        measurements = (
            ("down", "GB/s", "gbps", size, f"head -c {size} /dev/zero"),
            ("up", "GB/s", "gbps", size, "head -c 1 >/dev/null; printf R; "
             f"head -c {size - 1} >/dev/null; printf K"),
            ("ping", "us", "us", 100 if BYTES else 1000, "exec cat"))
        for commands in COMMANDS, PASSES:
            names = ["straight"] + [name for name in self.tools_of(row)
                                    if name in commands]
            for what, unit, key, n, remote in measurements:
                label = f"ssh-{what}" + ("-fdpass" if commands is PASSES else "")
                say(label)
                results = take_turns(names, lambda name, w=what, c=commands, n=n, r=remote:
                                     run_drive("-c", self.last_cpu, "-n", n, w,
                                               *argv(name, c), r))
                self.table.add(label, unit, "straight", results, key)
                self.table.faults(label, results)

    def listen(self, row):
        names = ["lfloor"] + [n for n in self.tools if n in LISTENERS]
        size = max(1 << 16, BYTES or MS * 50000)
        missing = {}
        for name in names[1:]:
            why = self.try_listener(name)
            if why:
                missing[name] = why
        names = [name for name in names if name not in missing]
        self.table.notes += [f"listen: {n}: {why}" for n, why in missing.items()]
        alone = take_turns(names, lambda name: self.listener(name, 0, size))
        self.table.add(f"listen {BUSY} busy", "GB/s", "lfloor", alone, "gbps")
        self.table.add(f"listen {BUSY} busy", "CPU s/GiB", "lfloor", alone, "cpu_gib")
        self.table.faults(row, alone)
        # A tunnel takes two descriptors, and a busy one may have two pipes.
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        most = (limit - 64 - 6 * BUSY) // 2
        for n in sorted({min(n, most) for n in MANY}):
            some = [x for x in names if x not in FORKS or n <= FORKS_MOST]
            say(f"listen {n}")
            results = take_turns(some, lambda name, n=n: self.listener(name, n, size))
            for name in some:
                for beside, only in zip(results[name], alone[name]):
                    if "gbps" in beside and "gbps" in only:
                        beside["share"] = beside["gbps"] / only["gbps"]
            label = f"listen {n}"
            self.table.add(label, "opened 1/s", "lfloor", results, "per_s")
            self.table.add(label, "p99 ms", "lfloor", results, "p99_ms")
            self.table.add(label, "CPU us each", "lfloor", results, "cpu_us")
            self.table.add(label, "KiB each", "lfloor", results, "kib")
            self.table.add(f"{label}+{BUSY} busy", "GB/s", "lfloor", results, "gbps")
            self.table.add(f"{label}+{BUSY} busy", "of alone", "lfloor", results, "share")
            self.table.faults(label, results)

    @contextlib.contextmanager
    def listening(self, name, target):
        """A listener, and its port; None where it ends at once."""
        port = free_port()
        argv = fill(LISTENERS[name], self.bed("free"), target, listen=port)
        with running(argv, stderr=subprocess.DEVNULL) as process:
            if not any("{L}" in word for word in LISTENERS[name]):
                # Its last number is the port, whatever is before it.
                numbers = re.findall(r"\d+", process.stdout.readline())
                port = int(numbers[-1]) if numbers else None
            elif not wait_for_port(port, process):
                port = None
            yield process, port

    def try_listener(self, name):
        with self.listening(name, "echo") as (process, port):
            if port is None:
                return f"does not listen (status {process.wait()})"
        return None

    def listener(self, name, idle, size):
        """Opens that many idle tunnels, and beside them busy ones."""
        result = {}
        with self.listening(name, f"choice.{size}") as (process, port):
            if port is None:
                return {"error": "does not listen"}
            drive = [DRIVE, "-t", str(LIMIT_S), "-l", str(port)]
            before, cpu = memory_of(process.pid), cpu_of(process.pid)
            with contextlib.ExitStack() as held:
                if idle:
                    crowd = held.enter_context(running([*drive, "-n", str(idle), "crowd"]))
                    line = crowd.stdout.readline()
                    result = json.loads(line) if line else {"error": "no result"}
                    if "error" in result:
                        return result
                    result["cpu_us"] = (cpu_of(process.pid) - cpu) / 1e3 / idle
                    result["kib"] = (memory_of(process.pid) - before) / idle
                cpu = cpu_of(process.pid)
                busy = run_drive("-l", port, "-n", BUSY, "busy")
                if "gbps" in busy:
                    busy["cpu_gib"] = (cpu_of(process.pid) - cpu) / 1e9 / (
                        busy["bytes"] / 2 ** 30)
                if busy.get("bytes", BUSY * size) < BUSY * size:
                    busy = {"error": "not all bytes came"}
                result.update(busy)
        return result


# The machine


def rollup(pid, field):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def memory_of(pid):
    """KiB of a process and all that come from it, with their page tables."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            total += rollup(member, "Pss")
            with open(f"/proc/{member}/status") as f:
                total += sum(int(line.split()[1]) for line in f
                             if line.startswith("VmPTE:"))
    return total


def cpu_of(pid):
    """Nanoseconds of a process and all that come from it."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            with open(f"/proc/{member}/schedstat") as f:
                total += int(f.read().split()[0])
            # And of those that it has waited for, in coarser units
            with open(f"/proc/{member}/stat") as f:
                ticks = sum(map(int, f.read().rsplit(")", 1)[1].split()[13:15]))
            total += ticks * 1000000000 // os.sysconf("SC_CLK_TCK")
    return total


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for wanted in max(hard, 65536), hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process=None):
    until = time.monotonic() + 10
    while time.monotonic() < until and (process is None or process.poll() is None):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def sshd_path():
    return shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


def ssh_config(folder, port):
    """Keys and the configurations of both sides; the name of ssh's."""
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    for key in "host", "user":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-f", f"{folder}/{key}"], check=True)
    shutil.copy(folder + "/user.pub", folder + "/authorized_keys")
    with open(folder + "/host.pub") as f, open(folder + "/known_hosts", "w") as known:
        known.write("bed " + f.read())
    with open(folder + "/sshd_config", "w") as f:
        f.write(f"""ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 100
PrintMotd no
UseDNS no
""")
    with open(folder + "/ssh_config", "w") as f:
        f.write(f"""Host bed
HostName 127.0.0.1
HostKeyAlias bed
IdentityFile {folder}/user
IdentitiesOnly yes
UserKnownHostsFile {folder}/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
BatchMode yes
ControlMaster no
KexAlgorithms curve25519-sha256
Ciphers aes128-gcm@openssh.com
LogLevel ERROR
""")
    return folder + "/ssh_config"


def enter_namespace():
    """As root: a loopback of our own, with TCP as it is by default."""
    if os.environ.get("BENCH_NAMESPACE") != "1":
        if os.geteuid() != 0 or not shutil.which("unshare"):
            return
        if subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode:
            return
        os.environ["BENCH_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    # SIOCGIFFLAGS and SIOCSIFFLAGS, with IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", request)[1] | 1
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", flags))
    # One that paces is noise on loopback; and ports for all the tunnels.
    for name, value in (("tcp_congestion_control", "reno"),
                        ("ip_local_port_range", "10240 65000")):
        with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/" + name, "w") as f:
            f.write(value)


def rows():
    transfers = [f"{what}{sock}{free}" for free in ("", "-free") for sock in ("", "-sock")
                 for what in ("down", "up", "duplex", "echo")]
    every = transfers + ["ping1", "ping64", "ping1-free", "ping64-free",
                         "setup", "memory", "ssh", "listen"]
    wanted = (os.environ.get("ROWS") or "").split()
    unknown = [word for word in wanted if not any(r.startswith(word) for r in every)]
    if unknown:
        sys.exit(f"no such row: {unknown[0]}; there are: {' '.join(every)}")
    return [r for r in every if not wanted
            or any(r == word or r.startswith(word + "-") for word in wanted)]


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    if not os.access(PROXYTUNNEL, os.X_OK):
        sys.exit(PROXYTUNNEL + ": no such program")
    chosen = rows()
    enter_namespace()
    raise_limit()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            bench = Bench(folder)
            with bench.stack:
                for row in chosen:
                    say(row)
                    what = row.split("-")[0]
                    if what.startswith("ping"):
                        bench.ping(row)
                    else:
                        getattr(bench, what if hasattr(bench, what) else "transfers")(row)
            print(bench.table)
            say("%d rounds, %.0f s, load %.1f" % (
                ROUNDS, time.monotonic() - began, os.getloadavg()[0]))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        end_all()


if __name__ == "__main__":
    main()
