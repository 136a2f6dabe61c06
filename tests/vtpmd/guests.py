# SPDX-License-Identifier: GPL-2.0
"""Guests in stock QEMU whose TPM vtpmd serves. In a test host; prints TAP.

Usage: guests.py reboots|ovmf|snapshot|migration|libvirt KERNEL IMAGE
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.dirname(__file__) + '/../..')
CTL = TOP + '/userspace/vtpmctl'
VTPMD = TOP + '/userspace/vtpmd/vtpmd'
PATIENCE = 300

processes = []
work = tempfile.mkdtemp(prefix='guests.', dir='/run')
count = failures = 0


def result(name, ok, said=''):
    global count, failures
    count += 1
    failures += not ok
    print('%sok %d - %s' % ('' if ok else 'not ', count, name))
    for line in said.splitlines() if not ok else ():
        print('# ' + line)
    sys.stdout.flush()


def same(name, have, want):
    result(name, have == want, 'have %s\nwant %s' % (have, want))


class Vtpm:
    """A vTPM and its vtpmd."""

    def __init__(self, *options, group=None):
        self.device = subprocess.check_output(
            [CTL, 'create', *options], text=True).strip()
        os.chmod(self.device, 0o666)        # udev's work, elsewhere
        number = self.device[len('/dev/vtpm'):]
        self.socket = '%s/vtpm%s.sock' % (work, number)
        self.daemon = subprocess.Popen(
            [VTPMD, '--vtpm', '%s=%s' % (number, self.socket),
             *(['--group', group] if group else [])])
        processes.append(self.daemon)
        wait_for(lambda: os.path.exists(self.socket))

    def show(self, field):
        return json.loads(subprocess.check_output(
            [CTL, '--json', 'show', self.device]))[field]

    def end(self):
        self.daemon.terminate()
        self.daemon.wait()
        wait_for(lambda: not self.show('open'))
        subprocess.check_call([CTL, 'destroy', self.device])


def wait_for(what):
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)


class Lines:
    """A socket of QEMU's, line by line."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        wait_for(lambda: self.connects(path))
        self.socket.settimeout(PATIENCE)
        self.rest = b''

    def connects(self, path):
        try:
            self.socket.connect(path)
        except OSError:
            return False
        return True

    def send(self, text):
        self.socket.sendall(text.encode() + b'\n')

    def line(self):
        while b'\n' not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        line, self.rest = self.rest.split(b'\n', 1)
        return line.decode(errors='replace').strip()


class Guest:
    """A QEMU process."""

    number = 0

    def __init__(self, kernel, image, vtpm, *options, ovmf=False):
        Guest.number += 1
        self.name = '%s/guest%d' % (work, Guest.number)
        # see tests/vm/kvm-guest
        cpu = 'host,xsave=off,avx=off,avx2=off'
        args = ['qemu-system-x86_64', '-M', 'q35', '-accel', 'kvm']
        if ovmf:
            shutil.copy('/usr/share/OVMF/OVMF_VARS_4M.fd', self.name + '.vars')
            cpu += ',kvm-asyncpf-int=off'
            args += ['-M', 'kernel-irqchip=off',
                     '-drive', 'if=pflash,format=raw,readonly=on,'
                     'file=/usr/share/OVMF/OVMF_CODE_4M.fd',
                     '-drive', 'if=pflash,format=raw,file=%s.vars' % self.name]
        args += ['-cpu', cpu, '-m', '512', '-smp', '1',
                 '-nodefaults', '-no-user-config', '-display', 'none',
                 '-nic', 'none', '-kernel', kernel, '-initrd', image,
                 '-append', 'console=ttyS0 no_timer_check loglevel=5 '
                 'mitigations=off panic=-1',
                 '-serial', 'file:%s.log' % self.name,
                 '-serial', 'unix:%s.serial,server=on,wait=off' % self.name,
                 '-qmp', 'unix:%s.qmp,server=on,wait=off' % self.name,
                 '-chardev', 'socket,id=tpmctl,path=' + vtpm.socket,
                 '-tpmdev', 'emulator,id=tpm,chardev=tpmctl',
                 '-device', 'tpm-crb,tpmdev=tpm', *options]
        self.process = subprocess.Popen(args)
        processes.append(self.process)
        self.qmp = Lines(self.name + '.qmp')
        self.qmp.line()
        self.ask('qmp_capabilities')
        self.serial = Lines(self.name + '.serial')

    def ask(self, command, **arguments):
        self.qmp.send(json.dumps({'execute': command, 'arguments': arguments}))
        while True:
            reply = json.loads(self.qmp.line())
            if 'return' in reply:
                return reply['return']
            if 'error' in reply:
                raise RuntimeError(reply['error']['desc'])

    def monitor(self, line):
        said = self.ask('human-monitor-command', **{'command-line': line})
        if said.strip():
            raise RuntimeError(said)

    def answer(self):
        """What the guest says until it has done what it was told."""
        said = []
        while True:
            line = self.serial.line()
            if re.fullmatch('== (ready|[0-9]+)', line):
                return '\n'.join(filter(None, said)), line[3:]
            said.append(line)

    def booted(self):
        while self.answer()[1] != 'ready':
            pass

    def run(self, line):
        self.serial.send(line)
        said, status = self.answer()
        if status != '0':
            raise RuntimeError('%s: status %s\n%s' % (line, status, said))
        return said

    def reset_count(self):
        return int(re.search(r'reset_count: (\d+)',
                             self.run('tpm2_readclock')).group(1))

    def end(self):
        self.process.kill()
        self.process.wait()


def reboots(kernel, image, ovmf, boots):
    """Each boot finds PCRs reset and measures the same."""
    vtpm = Vtpm()
    guest = Guest(kernel, image, vtpm, ovmf=ovmf)
    first = None
    for boot in range(1, boots + 1):
        guest.booted()
        pcrs = guest.run('pcrs')
        if boot == 1:
            first = pcrs
            zero = guest.run('cat /sys/class/tpm/tpm0/pcr-sha256/0')
            result('the firmware has measured into PCR 0',
                   set(zero) != {'0'}, zero)
        else:
            same('boot %d has the PCRs of the first' % boot, pcrs, first)
        resets = guest.reset_count()
        # OVMF may reset the machine itself, once more
        result('resetCount of boot %d' % boot,
               resets == boot or ovmf and resets > boot, str(resets))
        guest.run('tpm2_pcrextend 0:sha256=%064d' % 1)
        if boot < boots:
            guest.serial.send('reboot -f')
    guest.end()
    wait_for(lambda: not vtpm.show('powered'))
    result('the vTPM is off without QEMU', True)
    vtpm.end()


NV = '0x1500001'


def state_of(guest):
    return '\n'.join([
        guest.run('pcrs'), guest.run('tpm2_nvread %s -C o -s 8' % NV),
        guest.run('tpm2_getcap handles-nv-index'),
        guest.run('tpm2_readclock | grep count')])


def snapshot(kernel, image):
    """savevm, changes, loadvm: as if they had not been made."""
    disk = work + '/disk.qcow2'
    subprocess.check_call(['qemu-img', 'create', '-q', '-f', 'qcow2', disk, '1M'])
    vtpm = Vtpm('--snapshots')
    guest = Guest(kernel, image, vtpm, '-drive',
                  'if=none,id=disk,format=qcow2,file=' + disk)
    guest.booted()
    guest.run('tpm2_nvdefine %s -C o -s 8 -a "ownerread|ownerwrite"' % NV)
    guest.run('echo -n before.. | tpm2_nvwrite %s -C o -i -' % NV)
    guest.run('tpm2_pcrextend 16:sha256=%064d' % 1)
    before = state_of(guest)
    guest.monitor('savevm one')
    guest.run('echo -n after... | tpm2_nvwrite %s -C o -i -' % NV)
    guest.run('tpm2_nvdefine 0x1500002 -C o -s 8 -a "ownerread|ownerwrite"')
    guest.run('tpm2_pcrextend 16:sha256=%064d' % 2)
    after = state_of(guest)
    result('the guest has changed its TPM after savevm', before != after)
    guest.monitor('loadvm one')
    same('after loadvm it is as it was', state_of(guest), before)
    same('that was counted', vtpm.show('rollbacks'), 1)
    guest.run('echo -n again... | tpm2_nvwrite %s -C o -i -' % NV)
    same('and it goes on', guest.run('tpm2_nvread %s -C o -s 8' % NV), 'again...')
    guest.end()
    vtpm.end()


SIGN = ('while [ ! -e stop ]; do '
        'tpm2_sign -c key.ctx -g sha256 -o sig message && '
        'tpm2_verifysignature -c key.ctx -g sha256 -m message -s sig && '
        'echo >>good || echo >>bad; done &')


def migrate(kernel, image):
    """From one QEMU to another, while the guest signs."""
    vtpm = Vtpm()
    source = Guest(kernel, image, vtpm)
    source.booted()
    source.run('tpm2_createprimary -Q -C o -c primary.ctx')
    source.run('tpm2_create -Q -C primary.ctx -G ecc -c key.ctx -u pub -r priv')
    source.run('echo hello >message; touch good bad')
    source.run('tpm2_pcrextend 16:sha256=%064d' % 1)
    before = source.run('pcrs')
    source.run(SIGN)
    source.run('while [ $(wc -l <good) -lt 2 ]; do sleep 1; done')

    there = 'unix:%s/migration' % work
    target = Guest(kernel, image, vtpm, '-incoming', there)
    source.ask('migrate', uri=there)
    status = ''
    while status not in ('completed', 'failed', 'cancelled'):
        time.sleep(0.5)
        reply = source.ask('query-migrate')
        status = reply['status']
    same('the migration has completed', status, 'completed')
    wait_for(lambda: target.ask('query-status')['status'] == 'running')
    source.ask('quit')
    source.process.wait()
    result('the vTPM stays on when the source ends', vtpm.show('powered'))

    signed = int(target.run('wc -l <good'))
    target.run('while [ $(wc -l <good) -lt %d ]; do sleep 1; done' % (signed + 2))
    result('the guest goes on signing', True)
    target.run('touch stop; wait')
    same('no signature has failed', target.run('wc -l <bad'), '0')
    same('PCRs are as they were', target.run('pcrs'), before)
    same('nothing was rolled back', vtpm.show('rollbacks'), 0)
    target.end()
    wait_for(lambda: not vtpm.show('powered'))
    vtpm.end()


DOMAIN = """
<domain type='kvm'>
  <name>{name}</name>
  <memory unit='MiB'>512</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{image}</initrd>
    <cmdline>console=ttyS0 no_timer_check loglevel=5 mitigations=off panic=-1</cmdline>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='host-passthrough'>
    <feature policy='disable' name='xsave'/>
    <feature policy='disable' name='avx'/>
    <feature policy='disable' name='avx2'/>
  </cpu>
  <devices>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='file'><source path='{work}/{name}.log'/></serial>
    <serial type='unix'>
      <source mode='bind' path='{work}/qemu/{name}.serial'/>
    </serial>
    <tpm model='tpm-crb'>
      <backend type='external'>
        <source type='unix' mode='connect' path='{socket}'/>
      </backend>
    </tpm>
  </devices>
</domain>
"""

# Confined by nothing of the host's that a test host lacks.
LIBVIRT = {
    'qemu.conf': 'security_driver = "none"\nnamespaces = [ ]\n'
                 'cgroup_controllers = [ ]\nstdio_handler = "file"\n',
    'libvirtd.conf': 'unix_sock_group = "root"\nauth_unix_ro = "none"\n'
                      'auth_unix_rw = "none"\n',
}
QEMU_USER = 'libvirt-qemu'


def virsh(*args):
    done = subprocess.run(['virsh', '-q', '-c', 'qemu:///system', *args],
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError('virsh %s: %s' % (args[0], done.stderr))
    return done.stdout.strip()


def start_libvirt():
    for name, text in LIBVIRT.items():
        with open('/etc/libvirt/' + name, 'w') as f:
            f.write(text)
    os.chmod('/dev/kvm', 0o666)         # udev's work, elsewhere
    os.chmod(work, 0o711)
    os.mkdir(work + '/qemu')
    shutil.chown(work + '/qemu', QEMU_USER)
    with open(work + '/libvirtd.log', 'w') as log:
        daemon = subprocess.Popen(['libvirtd'], stdout=log, stderr=log)
    processes.append(daemon)
    wait_for(lambda: not subprocess.call(
        ['virsh', '-c', 'qemu:///system', 'version'],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return daemon


class Domain(Guest):
    """A guest of libvirt's."""

    def __init__(self, kernel, image, vtpm):
        self.name = 'guest'
        xml = work + '/guest.xml'
        with open(xml, 'w') as f:
            f.write(DOMAIN.format(name=self.name, kernel=kernel, image=image,
                                  work=work, socket=vtpm.socket))
        virsh('create', xml)
        self.connect()

    def connect(self):
        self.serial = Lines('%s/qemu/%s.serial' % (work, self.name))

    def end(self):
        virsh('destroy', self.name)


def libvirt(kernel, image):
    """<backend type='external'>: QEMU as libvirt runs it, and as its user."""
    daemon = start_libvirt()
    vtpm = Vtpm(group=QEMU_USER)
    guest = Domain(kernel, image, vtpm)
    guest.booted()
    first = guest.run('pcrs')
    result('the guest has the vTPM',
           '"VTPM"' in guest.run('tpm2_getcap properties-fixed'))
    guest.run('tpm2_pcrextend 0:sha256=%064d' % 1)
    virsh('reset', guest.name)
    guest.booted()
    same('virsh reset resets it', guest.run('pcrs'), first)
    guest.run('tpm2_pcrextend 16:sha256=%064d' % 1)
    before = guest.run('pcrs')
    guest.serial.socket.close()
    file = work + '/saved'
    virsh('save', guest.name, file)
    wait_for(lambda: not vtpm.show('powered'))
    result('virsh save ends the guest and switches it off', True)
    virsh('restore', file)
    guest.connect()
    same('virsh restore brings its state back', guest.run('pcrs'), before)
    same('which was no rollback', vtpm.show('rollbacks'), 0)
    guest.end()
    wait_for(lambda: not vtpm.show('powered'))
    result('virsh destroy switches it off', True)
    vtpm.end()
    daemon.terminate()
    daemon.wait()


def attempt(name, *test):
    try:
        test[0](*test[1:])
    except (RuntimeError, TimeoutError, OSError, EOFError) as e:
        result('%s: %s' % (name, type(e).__name__), False, str(e))
        for process in processes:
            process.kill()
        for file in sorted(os.listdir(work)):
            if file.endswith('.log'):
                with open('%s/%s' % (work, file), errors='replace') as log:
                    for line in log.readlines()[-20:]:
                        print('# %s: %s' % (file, line.rstrip()))


def main():
    part, kernel, image = sys.argv[1:]
    attempt(part, *{
        'reboots': (reboots, kernel, image, False, 3),
        'ovmf': (reboots, kernel, image, True, 3),
        'snapshot': (snapshot, kernel, image),
        'migration': (migrate, kernel, image),
        'libvirt': (libvirt, kernel, image),
    }[part])
    print('1..%d' % count)
    shutil.rmtree(work, ignore_errors=True)
    return failures != 0


sys.exit(main())
