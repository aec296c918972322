# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""newflows.py DP STOP NETNS... - new flows on all ports of DP, while daemons
come and go.

NETNS are the namespaces of hosts 1, 2, ...; their ports are p1, p2, ... of the
namespace that this runs in. Each host sends UDP from ever new source ports to
its partner (1 and 2, 3 and 4, ...). A client takes the misses, and makes a flow
for each source port. The first datagram of a flow is sent again until it
arrives. From then on the flow is established: each of PACKETS datagrams is sent
once, and has to arrive. Then the client deletes the flow. Requests that a dying
daemon has taken along are made again.

Once the file STOP exists, no new flow begins. The last line of output is
"flows N packets N lost N unanswered N": flows that were established, their
datagrams, those that didn't arrive, and flows whose first datagram never did.
"""
import collections
import ctypes
import os
import select
import socket
import struct
import sys
import time

import ovsnl as n

LIBC = ctypes.CDLL(None, use_errno=True)
PORT = 7000
PACKETS = 30
WINDOW = 8
AT_ONCE = 2  # flows of each host
PACE = 0.1  # seconds between two of them
AGAIN = 0.1  # seconds until a first datagram is sent once more
LOST = 60  # seconds without a datagram that is under way


def partner(host):
    return ((host - 1) ^ 1) + 1


# ---- the hosts ----

def udp_in(netns, addr):
    """A socket in another namespace; this thread stays where it is."""
    with open("/proc/thread-self/ns/net") as here, \
            open("/run/netns/" + netns) as there:
        if LIBC.setns(there.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns " + netns)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        LIBC.setns(here.fileno(), 0x40000000)
    s.bind(addr)
    s.setblocking(False)
    return s


class Flow:
    """One source port of one host."""

    def __init__(self, netns, host, sport):
        self.host, self.sport = host, sport
        self.sock = udp_in(netns, ("10.0.0.%d" % host, sport))
        self.to = ("10.0.0.%d" % partner(host), PORT)
        self.sent, self.when = 0, 0
        self.got = set()

    def send(self, seq):
        self.when = time.monotonic()
        self.sock.sendto(struct.pack("=HHI", self.host, self.sport, seq),
                         self.to)

    def go_on(self, now):
        """Sends what may be sent; True if nothing is left to be waited for."""
        if not self.got:
            if now - self.when > AGAIN:
                self.send(0)
            return False
        while self.sent < PACKETS and self.sent - len(self.got) + 1 < WINDOW:
            self.sent += 1
            self.send(self.sent)
        return len(self.got) == PACKETS + 1 or now - self.when > LOST


class Hosts:
    def __init__(self, stop, netns):
        self.stop, self.netns = stop, netns
        self.ears = [udp_in(ns, ("", PORT)) for ns in netns]
        self.flows = {}
        self.next = [10000] * len(netns)
        self.last = [0] * len(netns)
        self.established = self.packets = self.lost = self.unanswered = 0

    def begin(self, now):
        for i, ns in enumerate(self.netns):
            mine = [f for f in self.flows.values() if f.host == i + 1]
            if len(mine) < AT_ONCE and now - self.last[i] >= PACE:
                self.last[i] = now
                sport = self.next[i]
                self.next[i] = 10000 + (sport - 9999) % 50000
                self.flows[i + 1, sport] = Flow(ns, i + 1, sport)

    def hear(self):
        for ear in select.select(self.ears, [], [], 0.01)[0]:
            try:
                while True:
                    host, sport, seq = struct.unpack("=HHI", ear.recv(100))
                    flow = self.flows.get((host, sport))
                    if flow:
                        flow.got.add(seq)
            except BlockingIOError:
                pass

    def end(self, flow):
        flow.sock.close()
        if flow.got:
            self.established += 1
            self.packets += flow.sent
            self.lost += flow.sent + 1 - len(flow.got)
        else:
            self.unanswered += 1
        print("done", flow.host, flow.sport, flush=True)
        del self.flows[flow.host, flow.sport]

    def run(self):
        last = None
        while True:
            now = time.monotonic()
            if not os.path.exists(self.stop):
                self.begin(now)
            else:
                last = last or now
                for f in [f for f in self.flows.values()
                          if not f.got and now - last > LOST]:
                    self.end(f)
                if not self.flows:
                    break
            for f in list(self.flows.values()):
                if f.go_on(now):
                    self.end(f)
            self.hear()
        print("flows %d packets %d lost %d unanswered %d" % (
            self.established, self.packets, self.lost, self.unanswered),
            flush=True)


# ---- the client ----

class Client:
    def __init__(self, dp, ports):
        self.up = n.Genl(n.OVSXDPD)
        self.nl = None
        self.dp = self.again(lambda nl: nl.dp_get(dp)).ifindex
        for name in ports:
            self.again(lambda nl, name=name: nl.call(
                n.VPORT, n.SET, self.dp, n.nla(n.VPA["NAME"], n.string(name)),
                n.nla(n.VPA["UPCALL_PID"], n.u32(self.up.pid))))
        self.keys = {}  # (host, sport): key of its flow
        self.gone = collections.deque(maxlen=1000)
        self.rest = ""

    def socket(self):
        if not self.nl:
            self.nl = n.Genl(n.OVSXDPD, timeout=2)
        return self.nl

    def again(self, request):
        """The answer to a request, which daemons may die over."""
        while True:
            try:
                return request(self.socket())
            except n.NlError:
                raise
            except OSError:
                if self.nl:
                    self.nl.close()
                self.nl = None
                time.sleep(0.05)

    def miss(self, msg):
        key = msg.attrs[n.PKA["KEY"]]
        fields = dict(n.parse(key))
        if n.KEY["UDP"] not in fields:
            return
        host = struct.unpack("=I", fields[n.KEY["IN_PORT"]])[0]
        sport = struct.unpack_from("!H", fields[n.KEY["UDP"]])[0]
        if (host, sport) in self.gone:
            return  # it has waited for too long
        acts = n.a_output(partner(host))
        mask = n.f_mask(n.k_in_port(0xffffffff), n.k_eth(), n.k_type(0xffff),
                        n.k_ipv4("0.0.0.0", "0.0.0.0", 0xff, 0, 0),
                        n.k_ports("UDP", 0xffff, 0xffff))
        self.keys[host, sport] = key
        try:
            self.again(lambda nl: nl.call(
                n.FLOW, n.NEW, self.dp, n.nla(n.FLA["KEY"] | 0x8000, key),
                mask, n.f_actions(acts)))
            self.again(lambda nl: nl.call(
                n.PACKET, n.EXECUTE, self.dp,
                n.nla(n.PKA["PACKET"], msg.attrs[n.PKA["PACKET"]]),
                n.nla(n.PKA["KEY"] | 0x8000, key),
                n.nest(n.PKA["ACTIONS"], acts)))
        except n.NlError as e:
            print("refused: %s %s" % (n.errname(e.errno), e.msg), flush=True)

    def done(self, host, sport):
        self.gone.append((host, sport))
        key = self.keys.pop((host, sport), None)
        if key:
            try:
                self.again(lambda nl: nl.call(
                    n.FLOW, n.DEL, self.dp,
                    n.nla(n.FLA["KEY"] | 0x8000, key)))
            except n.NlError as e:
                if n.errname(e.errno) != "ENOENT":
                    print("not deleted: %s" % e, flush=True)

    def hear(self):
        for kind, flags, seq, body in self.up.read():
            msg = n.Message(kind, flags, seq, body)
            if msg.cmd == n.MISS:
                self.miss(msg)

    def run(self, hosts):
        """hosts: the file that says what the hosts do, until it ends."""
        line = "nothing"
        print("ready", flush=True)
        while True:
            ready = select.select([self.up.sock, hosts], [], [])[0]
            if self.up.sock in ready:
                self.hear()
            if hosts not in ready:
                continue
            text = os.read(hosts, 4096).decode()
            if not text:
                break
            *lines, self.rest = (self.rest + text).split("\n")
            for line in lines:
                if line.startswith("done "):
                    self.done(*map(int, line.split()[1:]))
        print(line, flush=True)


def main():
    dp, stop, *netns = sys.argv[1:]
    client = Client(dp, ["p%d" % (i + 1) for i in range(len(netns))])
    out, into = os.pipe()
    if os.fork() == 0:
        os.close(out)
        os.dup2(into, 1)
        Hosts(stop, netns).run()
        os._exit(0)
    os.close(into)
    client.run(out)


if __name__ == "__main__":
    main()
