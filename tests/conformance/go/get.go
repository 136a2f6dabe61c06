// SPDX-License-Identifier: GPL-2.0

// Package simulator takes the place of the package of this name that Go tests
// import to have a TPM: it gives them the one that tests/conformance tests.
package simulator

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"

	"github.com/google/go-tpm/tpmutil"
)

// Simulator is a connection to a TPM that nobody has used before.
type Simulator struct {
	io.ReadWriteCloser
	closed bool
}

// The seed of the TPM that is there now, if it was made for one.
var lastSeed *int64

// Get connects to a new TPM.
func Get() (*Simulator, error) {
	lastSeed = nil
	return get()
}

// GetWithFixedSeedInsecure connects to a new TPM, or after a reset to that which
// was made last if the seed is the same: both have the keys that had this seed.
func GetWithFixedSeedInsecure(seed int64) (*Simulator, error) {
	if lastSeed != nil && *lastSeed == seed {
		return get("--again")
	}
	lastSeed = &seed
	return get()
}

// The program that CONFORMANCE_NEW_TPM names makes and starts a TPM and prints
// the device, or the address and port, that leads there.
func get(args ...string) (*Simulator, error) {
	out, err := exec.Command(os.Getenv("CONFORMANCE_NEW_TPM"), args...).Output()
	if err != nil {
		return nil, fmt.Errorf("no new TPM: %w", err)
	}
	rwc, err := open(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, err
	}
	return &Simulator{ReadWriteCloser: rwc}, nil
}

// A socket is connected to once, where tpmutil would do so for each command.
func open(path string) (io.ReadWriteCloser, error) {
	if strings.HasPrefix(path, "/") {
		return tpmutil.OpenTPM(path)
	}
	return net.Dial("tcp", path)
}

// Close ends the connection.
func (s *Simulator) Close() error {
	s.closed = true
	return s.ReadWriteCloser.Close()
}

// IsClosed says whether Close was called.
func (s *Simulator) IsClosed() bool {
	return s.closed
}
