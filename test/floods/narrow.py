"""Readers that take next to nothing: sockets whose buffers are as small as the system allows.

Commands come as lines of JSON on stdin, and each is answered by one on stdout. Whoever reads by a
runtime without such sockets leaves megabytes to the system before its server notices anything.
"""
import json
import selectors
import socket
import sys

readers = {}


def open_all(port, requests):
    ports = {}
    for name, request in requests.items():
        one = socket.socket()
        # Small segments keep the other side's buffer small, too.
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(('127.0.0.1', port))
        one.sendall(request.encode())
        readers[name] = one
        ports[name] = one.getsockname()[1]
    return ports


def drain(names):
    """Reads each to its end, and forgets it."""
    texts = {name: [] for name in names}
    selector = selectors.DefaultSelector()
    for name in names:
        readers[name].setblocking(False)
        selector.register(readers[name], selectors.EVENT_READ, name)
    while selector.get_map():
        for key, _ in selector.select():
            try:
                chunk = key.fileobj.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                chunk = b''
            if chunk:
                texts[key.data].append(chunk)
            else:
                selector.unregister(key.fileobj)
                readers.pop(key.data).close()
    return {name: b''.join(chunks).decode('latin1') for name, chunks in texts.items()}


for line in sys.stdin:
    command = json.loads(line)
    if 'open' in command:
        answer = open_all(command['port'], command['open'])
    else:
        answer = drain(command['drain'])
    print(json.dumps(answer), flush=True)
