#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""alg.py - FTP and TFTP for tests of ct()'s helpers.

  alg.py ftpd ADDRESS FOLDER [MASQUERADE]   pyftpdlib on port 21, anonymous
  alg.py get active|passive ADDRESS FILE    what RETR FILE brings, to stdout
  alg.py slow active|passive ADDRESS FILE   the same, read slowly
  alg.py hold ADDRESS                       PASV, and nothing after it
  alg.py tftpd ADDRESS FOLDER               answers from another port
  alg.py tftp ADDRESS FILE                  what a read request brings

IPv6 addresses use EPRT and EPSV, as ftplib does.
"""
import ftplib
import logging
import os
import socket
import struct
import sys
import time


def ftpd(address, folder, masquerade=None):
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import FTPServer

    logging.basicConfig(level=logging.ERROR)
    users = DummyAuthorizer()
    users.add_anonymous(folder)
    handler = FTPHandler
    handler.authorizer = users
    # EPRT after NAT has an IPv6 address in full, which it compares as text
    handler.permit_foreign_addresses = True
    handler.masquerade_address = masquerade
    FTPServer((address, 21), handler).serve_forever()


def get(mode, address, name, pause=0.0):
    with ftplib.FTP(timeout=30) as ftp:
        ftp.connect(address, 21)
        ftp.login()
        ftp.set_pasv(mode == "passive")

        def take(block):
            os.write(1, block)
            time.sleep(pause)
        ftp.retrbinary("RETR " + name, take, blocksize=65536)
        # the control connection works after it
        ftp.voidcmd("NOOP")
        ftp.quit()


def hold(address):
    ftp = ftplib.FTP(timeout=30)
    ftp.connect(address, 21)
    ftp.login()
    print(*ftp.makepasv(), flush=True)
    time.sleep(60)


def udp(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


def tftpd(address, folder):
    s = udp(address)
    s.bind((address, 69))
    while True:
        ask, peer = s.recvfrom(2048)
        if ask[:2] != b"\0\1":
            continue
        name = ask[2:].split(b"\0")[0].decode()
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        t = udp(address)
        t.bind((address, 0))
        t.settimeout(5)
        for n in range(len(data) // 512 + 1):
            block = data[n * 512:n * 512 + 512]
            t.sendto(struct.pack("!HH", 3, n + 1) + block, peer[:2])
            if t.recv(2048)[:4] != struct.pack("!HH", 4, n + 1):
                break
        t.close()


def tftp(address, name):
    s = udp(address)
    s.settimeout(10)
    s.sendto(b"\0\1" + name.encode() + b"\0octet\0", (address, 69))
    while True:
        data, peer = s.recvfrom(2048)
        os.write(1, data[4:])
        s.sendto(b"\0\4" + data[2:4], peer[:2])
        if len(data) < 516:
            return


def main(what, *args):
    if what == "slow":
        get(*args, pause=0.02)
    else:
        {"ftpd": ftpd, "get": get, "hold": hold,
         "tftpd": tftpd, "tftp": tftp}[what](*args)


if __name__ == "__main__":
    main(*sys.argv[1:])
