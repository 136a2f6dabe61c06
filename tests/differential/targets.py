# SPDX-License-Identifier: GPL-2.0
"""The TPMs that are compared.

Each has: exchange(command) -> response, reset() (a power cycle: the next
command has to be Startup), locality(n), close(). A new object is a new TPM.
"""
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time

from wire import get

HERE = os.path.dirname(os.path.abspath(__file__))
RETRY = 0x922


class Gone(Exception):
    """The TPM does not answer any more."""


class Stream:
    """A TPM behind a stream socket."""
    sock = None

    def _read(self, n):
        data = b''
        while len(data) < n:
            try:
                more = self.sock.recv(n - len(data))
            except (socket.timeout, ConnectionError) as e:
                raise Gone(str(e)) from e
            if not more:
                raise Gone('it closed the connection')
            data += more
        return data

    def exchange(self, command):
        try:
            self.sock.sendall(command)
        except OSError as e:
            raise Gone(str(e)) from e
        head = self._read(10)
        return head + self._read(get('I', head, 2) - 10)


class Swtpm(Stream):
    """swtpm: the reference."""
    name = 'swtpm'

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='differential.')
        self.process = subprocess.Popen(
            ['swtpm', 'socket', '--tpm2', '--tpmstate', 'dir=' + self.dir,
             '--server', 'type=unixio,path=%s/data' % self.dir,
             '--ctrl', 'type=unixio,path=%s/ctrl' % self.dir,
             '--flags', 'not-need-init', '--terminate'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(120)
        for attempt in range(1000):
            try:
                self.sock.connect(self.dir + '/data')
                break
            except OSError:
                if attempt == 999:
                    raise
                time.sleep(0.01)

    def exchange(self, command):
        # libtpms answers TPM_RC_RETRY while it notes that an authorization
        # with dictionary attack protection is about to be tried.
        while True:
            rsp = super().exchange(command)
            if get('I', rsp, 6) != RETRY:
                return rsp

    def _control(self, message):
        with socket.socket(socket.AF_UNIX) as ctrl:
            ctrl.connect(self.dir + '/ctrl')
            ctrl.sendall(message)
            result = ctrl.recv(4)
        if result != bytes(4):
            raise Gone('control channel: %s' % result.hex())

    def reset(self):
        self._control(struct.pack('>I', 0x0e))        # STOP
        self._control(struct.pack('>II', 0x02, 0))    # INIT
        self.locality(0)

    def locality(self, n):
        self._control(struct.pack('>IB3x', 0x05, n))

    def close(self):
        self.sock.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Hosted(Stream):
    """The engine as a program, under sanitizers."""
    name = 'hosted'
    program = os.path.join(HERE, '../../build/hosted/serve')
    options = []

    def __init__(self):
        ours, theirs = socket.socketpair()
        self.ctrl, ctrl_theirs = socket.socketpair()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [self.program, *self.options, '-c', str(ctrl_theirs.fileno())], stdin=theirs, stdout=theirs,
            stderr=self.log, pass_fds=[ctrl_theirs.fileno()])
        theirs.close()
        ctrl_theirs.close()
        ours.settimeout(120)
        self.sock = ours

    def exchange(self, command):
        try:
            return super().exchange(command)
        except Gone as e:
            self.process.wait(10)
            self.log.seek(0)
            raise Gone('%s\n%s' % (e, self.log.read(20000).decode(errors='replace'))) from e

    def _control(self, act):
        self.ctrl.sendall(act)
        if self.ctrl.recv(1) != act:
            raise Gone('control channel')

    def reset(self):
        self._control(b'r')

    def locality(self, n):
        self._control(b'%d' % n)

    def close(self):
        self.sock.close()
        self.ctrl.close()
        self.process.wait(10)
        self.log.close()


class Stored(Hosted):
    """... that is written, destroyed and read back after each command.

    A power cycle leaves no more than what a store has.
    """
    name = 'stored'
    options = ['-w']


class Unstored(Hosted):
    """... whose store fails, at the first try, each command that needs it."""
    name = 'unstored'
    options = ['-x']


class Device:
    """A vTPM of the module, made for the purpose. See <linux/vtpm_mux.h>."""
    name = 'device'
    POWER, SET_LOCALITY, CREATE, DESTROY = 0xa141, 0xa143, 0xa150, 0xa151
    ON, RESET = 1, 2

    def __init__(self):
        self.mux = os.open('/dev/vtpm-mux', os.O_RDWR | os.O_CLOEXEC)
        create = bytearray(struct.pack('=IIII16xII', 40, 0, 0, 0, 0, 0))
        fcntl.ioctl(self.mux, self.CREATE, create)
        self.number = struct.unpack_from('=I', create, 8)[0]
        path = '/dev/vtpm%d' % self.number
        for _ in range(500):
            if os.path.exists(path):
                break
            time.sleep(0.01)
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._power(self.ON)

    def _power(self, op):
        fcntl.ioctl(self.fd, self.POWER, struct.pack('=IIII', 16, 0, op, 0))

    def exchange(self, command):
        try:
            os.write(self.fd, command)
            return os.read(self.fd, 4096)
        except OSError as e:
            raise Gone(str(e)) from e

    def reset(self):
        self._power(self.RESET)

    def locality(self, n):
        fcntl.ioctl(self.fd, self.SET_LOCALITY, struct.pack('=II', 8, n))

    def close(self):
        os.close(self.fd)
        fcntl.ioctl(self.mux, self.DESTROY, struct.pack('=IIII', 16, self.number, 0, 0))
        os.close(self.mux)


TARGETS = {t.name: t for t in (Swtpm, Hosted, Stored, Unstored, Device)}
