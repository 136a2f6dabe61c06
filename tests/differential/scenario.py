# SPDX-License-Identifier: GPL-2.0
"""What is run: a scenario is a function of a client, run on each TPM alone.

A scenario may look at responses to decide what to do next: TPMs that behave
the same then do the same.
"""
SCENARIOS = []


class Scenario:
    def __init__(self, name, run, group, started=True):
        self.name, self.run, self.group, self.started = name, run, group, started


def scenario(group, started=True):
    def register(run):
        name = run.__name__.replace('_', '-')
        SCENARIOS.append(Scenario('%s/%s' % (group, name), run, group, started))
        return run
    return register
