# SPDX-License-Identifier: GPL-2.0
"""Documentation/differences.rst, from expected.toml."""
import os
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, '../../Documentation/differences.rst')

HEAD = '''\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "make differences" from tests/differential/expected.toml.

======================
Differences from swtpm
======================

``tests/differential`` sends the same commands to a vTPM and to swtpm (libtpms)
and compares every response code, size, session attribute and field of the
responses. What follows is all that differs, and why. Any other difference
fails ``make check``. What the comparison does not reach, such as another power
cycle, has a test of its own.

Response codes are written as the specification does, with the number of the
handle (H), parameter (P) or session (S) that they are about.
'''


def words(value):
    return ', '.join(value) if isinstance(value, list) else str(value)


def one_or_more(value):
    return value if isinstance(value, list) else [value]


def render(entries):
    out = [HEAD]
    topic = None
    topics = list(dict.fromkeys(e['topic'] for e in entries))
    for e in sorted(entries, key=lambda e: topics.index(e['topic'])):
        if e['topic'] != topic:
            topic = e['topic']
            out.append('\n%s\n%s\n' % (topic, '=' * len(topic)))
        commands = words(['TPM2_' + c for c in one_or_more(e.get('command', []))]) or 'any'
        out.append('\n' + e['title'] + '\n')
        lines = [('Commands', 'any' if commands == 'any' else commands)]
        if e.get('field', 'rc') != 'rc':
            lines.append(('Field', '``%s``' % e.get('name', e['field'])))
        lines += [(who, words(e[key])) for who, key in (('Ours', 'ours'), ('swtpm', 'swtpm'))
                  if e.get(key, 'any') != 'any']
        if 'tested' in e:
            lines.append(('Test', '``%s``' % e['tested']))
        for name, value in lines:
            out.append(textwrap.fill('* %s: %s' % (name, value), 78, initial_indent='   ',
                                     subsequent_indent='     ') + '\n')
        why = ' '.join(e['reason'].split())
        out.append('\n' + textwrap.fill(why, 78, initial_indent='   ',
                                        subsequent_indent='   ') + '\n')
    return ''.join(out)


def current(entries):
    try:
        with open(PAGE) as f:
            return f.read() == render(entries)
    except OSError:
        return False
