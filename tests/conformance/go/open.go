// SPDX-License-Identifier: GPL-2.0

// Package simulator is the same for the tests that want a transport; see get.go.
package simulator

import (
	"github.com/google/go-tpm-tools/simulator"
	"github.com/google/go-tpm/tpm2/transport"
)

// OpenSimulator connects to a TPM that nobody has used before.
func OpenSimulator() (transport.TPMCloser, error) {
	sim, err := simulator.Get()
	if err != nil {
		return nil, err
	}
	return transport.FromReadWriteCloser(sim), nil
}
