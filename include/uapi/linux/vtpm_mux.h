/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Virtual TPMs carved from one physical TPM 2.0.
 *
 * /dev/vtpm-mux (0600) makes, lists and destroys virtual TPMs. Each of them
 * is a /dev/vtpmN that takes commands and gives responses with write(2),
 * read(2) and poll(2) exactly as /dev/tpmN does, and has a few ioctls more.
 *
 * Extensible structures
 * ---------------------
 * The first member of every structure is @size, the number of bytes that the
 * caller knows of it. A request shorter than the kernel's structure is taken
 * as if the rest were zero; one longer than it is refused with %E2BIG unless
 * the bytes that the kernel does not know are zero. One that does not even
 * cover the members marked "required" is refused with %EINVAL, and so is a
 * reserved bit or value. Where an ioctl returns a structure, the kernel writes
 * no more than the caller's @size bytes and sets @size to the number of bytes
 * that it filled in. The structures' sizes are therefore no part of the ioctl
 * numbers.
 *
 * Errors that every ioctl here can return
 * ---------------------------------------
 * %ENOTTY: no such ioctl on this device. %EFAULT: memory that cannot be read
 * or written. %EINVAL, %E2BIG: see above. %EPERM: the ioctl changes something
 * on /dev/vtpm-mux and the caller has no CAP_SYS_ADMIN in the initial user
 * namespace. %ENODEV on /dev/vtpmN: the vTPM was destroyed. %ENOENT on
 * /dev/vtpm-mux: no vTPM has this number. %EINTR: killed while waiting.
 * %ENOMEM: no memory.
 */
#ifndef _UAPI_LINUX_VTPM_MUX_H
#define _UAPI_LINUX_VTPM_MUX_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Numbers are 0 .. VTPM_MAX_INSTANCES - 1. */
#define VTPM_MAX_INSTANCES	4096

/* Largest write(2) on /dev/vtpmN, as on /dev/tpmN. */
#define VTPM_BUFSIZE		4096

/**
 * enum vtpm_assurance - where the private part of a key lives
 * @VTPM_ASSURANCE_AUTO: generated and used in the physical chip if the chip
 *	has the algorithm and the key's hierarchy is not null, else in software
 * @VTPM_ASSURANCE_HARDWARE: generated and used in the physical chip, or a TPM
 *	error; never silently in software
 * @VTPM_ASSURANCE_SOFTWARE: generated and used by the kernel
 *
 * A vTPM has one of these as a default. A guest overrides it for one object
 * with %VTPM_OBJECT_HARDWARE or %VTPM_OBJECT_SOFTWARE.
 */
enum vtpm_assurance {
	VTPM_ASSURANCE_AUTO	= 0,
	VTPM_ASSURANCE_HARDWARE	= 1,
	VTPM_ASSURANCE_SOFTWARE	= 2,
};

/*
 * Bits of TPMA_OBJECT (TPM 2.0 Part 2, 8.3) that TCG reserves and that a
 * vTPM gives a meaning: the assurance that the creator of an object asks for.
 * Both clear: the vTPM's default. Both set: TPM_RC_RESERVED_BITS. They are
 * part of the object's public area and so of its Name: a TPM2_Certify or
 * TPM2_CertifyCreation of the object states them.
 */
#define VTPM_OBJECT_HARDWARE	0x10000000
#define VTPM_OBJECT_SOFTWARE	0x20000000

/* PCR banks, a mask. */
#define VTPM_BANK_SHA1		(1 << 0)
#define VTPM_BANK_SHA256	(1 << 1)
#define VTPM_BANK_SHA384	(1 << 2)
#define VTPM_BANK_SHA512	(1 << 3)

/*
 * struct vtpm_create.flags.
 *
 * VTPM_CREATE_NUMBER: @number says which number to take; without it, the
 *	lowest that is free.
 * VTPM_CREATE_POWER_FOLLOWS_OPEN: a new power cycle (_TPM_Init) at each open
 *	of /dev/vtpmN, powered off when it is closed. For a VMM that knows
 *	only the interface of /dev/tpmN. TPM2_Startup is left to the guest's
 *	firmware: SeaBIOS takes a TPM that is started already for a broken one.
 *	A VMM that has the vTPM through vhost-vdpa opens it with
 *	VHOST_SET_OWNER, whatever its guest does.
 * VTPM_CREATE_VDPA: offer it as the vDPA device vtpmN besides. It has one user
 *	at a time: /dev/vtpmN cannot be opened while the vDPA device is used, nor
 *	the other way round.
 * VTPM_CREATE_STATE: its state lives in the file behind @state_fd, beyond the
 *	module: VTPM_MUX_IOC_OPEN makes the same vTPM of it again. The file's key
 *	is sealed by the physical chip, also where no other key is.
 * VTPM_CREATE_SNAPSHOTS: VTPM_IOC_SET_STATE admits states of the past. What the
 *	guest has relied on since, counters, locks and failed authorizations, is
 *	undone with them.
 */
#define VTPM_CREATE_NUMBER		(1 << 0)
#define VTPM_CREATE_POWER_FOLLOWS_OPEN	(1 << 1)
#define VTPM_CREATE_VDPA		(1 << 2)
#define VTPM_CREATE_STATE		(1 << 3)
#define VTPM_CREATE_SNAPSHOTS		(1 << 4)

/**
 * struct vtpm_create - argument of VTPM_MUX_IOC_CREATE
 * @size: bytes of this structure
 * @flags: VTPM_CREATE_*; required
 * @number: in: see %VTPM_CREATE_NUMBER, 0 without it; out: N of /dev/vtpmN
 * @assurance: enum vtpm_assurance
 * @uuid: in: RFC 9562 byte order, all zero for a random one; out: the vTPM's
 * @pcr_banks: mask of VTPM_BANK_*, 0 for all of them
 * @reserved: 0
 * @state_fd: with %VTPM_CREATE_STATE, which needs it: a regular file, empty, open
 *	for reading and writing; 0 without it
 * @reserved2: 0
 *
 * Makes a vTPM with new seeds, powered off. It lives until it is destroyed or
 * the module is unloaded. Its memory is charged to the caller's memory cgroup.
 *
 * With a file, all of it is written once, so that there is room later, and what
 * TPM 2.0 calls non-volatile is durable before a response says so. The kernel
 * keeps the file open, and uses it with the credentials it was opened with. If
 * this fails after the file was begun, no vTPM can be made of what is in it.
 *
 * Errors: %EINVAL a flag, assurance, bank or number out of range, %EEXIST the
 * number or the UUID is taken, %ENOSPC there are VTPM_MAX_INSTANCES.
 * Unless @assurance is %VTPM_ASSURANCE_SOFTWARE, what the chip says: %ENODEV
 * no TPM 2.0 chip, %EACCES the owner's authorization is needed first
 * (VTPM_MUX_IOC_HOST_INIT), %EKEYREVOKED the chip's mux root key is bound to the
 * host's state, and this is none that was admitted (VTPM_MUX_IOC_HOST_ADMIT),
 * %EOPNOTSUPP the chip lacks what is needed, %EBUSY
 * others kept it busy or the host is about to sleep, %ETIMEDOUT it did not
 * answer, %EIO it failed: VTPM_MUX_IOC_HOST_STATUS may say why. With
 * %VTPM_CREATE_VDPA: %EOPNOTSUPP the kernel has no vDPA, %EEXIST another vDPA
 * device has the name. With %VTPM_CREATE_STATE also what the chip says, whatever
 * @assurance is; %EBADF @state_fd is no such file, %EINVAL it is open with O_APPEND
 * or O_DIRECT, %ENOTEMPTY there is something in it, %ETXTBSY another vTPM uses it;
 * %ENOSPC, %EIO and others from its file system; %EUNATCH no ledger is attached
 * (VTPM_MUX_IOC_ANCHOR), %ENOBUFS it is full, %EEXIST it knows another file of a vTPM
 * with this UUID (VTPM_MUX_IOC_FORGET).
 */
struct vtpm_create {
	__u32 size;
	__u32 flags;
	__u32 number;
	__u32 assurance;
	__u8 uuid[16];
	__u32 pcr_banks;
	__u32 reserved;
	__s32 state_fd;
	__u32 reserved2;
};

/*
 * struct vtpm_open.flags, besides VTPM_CREATE_*.
 *
 * VTPM_OPEN_ACCEPT: also a file that is older than the ledger says, or that the
 *	ledger does not know. It goes on as the newest one, all others are too old
 *	then, and the file and the ledger count that it was done.
 */
#define VTPM_OPEN_ACCEPT	(1 << 16)

/**
 * struct vtpm_open - argument of VTPM_MUX_IOC_OPEN
 * @size: bytes of this structure
 * @flags: VTPM_CREATE_*, but for %VTPM_CREATE_STATE, which is implied; VTPM_OPEN_*
 * @number: in: see %VTPM_CREATE_NUMBER, 0 without it; out: N of /dev/vtpmN
 * @state_fd: the state file, open for reading and writing; required
 * @uuid: in: the UUID that it must have, all zero for any; out: the vTPM's
 * @assurance: out: enum vtpm_assurance
 * @pcr_banks: out: mask of VTPM_BANK_*
 * @reserved: 0
 *
 * Makes again the vTPM whose state is in a file, powered off, as after a loss of
 * power. Nothing is written before something changes.
 *
 * Errors: those of VTPM_MUX_IOC_CREATE, and what is wrong with the file, each of
 * which the kernel log says as well:
 * %ENOMSG: it is no state file. %EPROTONOSUPPORT: it is of a version that this
 * kernel does not know. %ENODATA: it has been cut short. %EBADMSG: it is damaged
 * or was changed. %EIDRM: the vTPM was destroyed. %EXDEV: it was made with another
 * chip, or the chip was cleared since. %EBADE: it is not that of @uuid.
 * %ETXTBSY: another vTPM uses it. %ESTALE: it is older than the ledger says. %ESRCH:
 * the ledger does not know it: the vTPM was destroyed, or the ledger is another one.
 * %EUNATCH: no ledger is attached (VTPM_MUX_IOC_ANCHOR). %ENOBUFS: it is full.
 */
struct vtpm_open {
	__u32 size;
	__u32 flags;
	__u32 number;
	__s32 state_fd;
	__u8 uuid[16];
	__u32 assurance;
	__u32 pcr_banks;
	__u32 reserved;
};

/*
 * struct vtpm_destroy.flags.
 *
 * VTPM_DESTROY_FORCE: also where /dev/vtpmN is open.
 * VTPM_DESTROY_KEEP: keep the state file, for VTPM_MUX_IOC_OPEN. Without it, the
 *	keys in it are overwritten, and nothing can open it any more.
 */
#define VTPM_DESTROY_FORCE	(1 << 0)
#define VTPM_DESTROY_KEEP	(1 << 1)

/**
 * struct vtpm_destroy - argument of VTPM_MUX_IOC_DESTROY
 * @size: bytes of this structure
 * @number: which vTPM; required
 * @flags: VTPM_DESTROY_*
 * @reserved: 0
 *
 * When it returns, the vTPM's keys and state are gone. Other errors than the
 * following are from the state file, which was not erased; the vTPM is gone all the
 * same. Unloading the module keeps state files. %EBUSY: /dev/vtpmN is
 * open or the vDPA device used, and %VTPM_DESTROY_FORCE is not given. With it, a
 * chip operation under way is cancelled, whatever is done later through the
 * open descriptor fails with %ENODEV, and those that poll it see POLLERR and
 * POLLHUP; a guest of the vDPA device gets TPM_RC_FAILURE, and that vanishes when
 * its VMM closes it.
 */
struct vtpm_destroy {
	__u32 size;
	__u32 number;
	__u32 flags;
	__u32 reserved;
};

/* struct vtpm_info.state */
#define VTPM_STATE_POWERED	(1 << 0)
#define VTPM_STATE_STARTED	(1 << 1)	/* TPM2_Startup was done */
#define VTPM_STATE_OPEN		(1 << 2)	/* someone uses it */
#define VTPM_STATE_PRESENCE	(1 << 3)	/* physical presence is asserted */
#define VTPM_STATE_VDPA		(1 << 4)	/* there is a vDPA device */
#define VTPM_STATE_ESTABLISHED	(1 << 5)	/* see VTPM_IOC_RESET_ESTABLISHED */

/**
 * struct vtpm_info - argument of VTPM_IOC_INFO, VTPM_MUX_IOC_INFO and _NEXT
 * @size: bytes of this structure
 * @number: which vTPM; required on /dev/vtpm-mux, out on /dev/vtpmN
 * @uuid: RFC 9562 byte order
 * @flags: VTPM_CREATE_*, but for VTPM_CREATE_NUMBER
 * @assurance: enum vtpm_assurance
 * @pcr_banks: mask of VTPM_BANK_*
 * @state: VTPM_STATE_*
 * @locality: 0..4, of the commands to come
 * @objects: transient objects that are loaded
 * @persistent: persistent objects
 * @sessions: loaded sessions
 * @nv_indices: NV indices that are defined
 * @memory: bytes of kernel memory that the vTPM holds
 * @commands: commands executed since creation
 * @errors: those of them whose response code was not TPM_RC_SUCCESS
 * @chip_commands: commands that the physical chip executed for them
 * @ns: nanoseconds spent executing, waiting for the chip included
 * @hardware: of all those objects, how many have a key of the chip as their
 *	private part
 * @sealed: how many have theirs sealed by the chip
 * @software: how many have theirs in kernel memory
 * @rollbacks: how often a state of the past was loaded
 * @state_generation: of the state file: how often it was written anew; 0 if there
 *	is none
 * @state_commits: changes made durable since it was opened
 * @state_journal: bytes of them that it holds besides its last snapshot
 * @state_room: bytes that are left for more, until it is written anew
 * @state_accepted: how often the file was accepted although it was too old, ever
 * @reserved: 0
 *
 * Everything but @number is out. It is a snapshot as of the end of the last
 * command or power change, and does not wait for one under way.
 *
 * VTPM_MUX_IOC_NEXT looks for the lowest number not below @number, so that
 * starting from 0 and going on from the number after the one returned lists
 * all; %ENOENT ends the list.
 */
struct vtpm_info {
	__u32 size;
	__u32 number;
	__u8 uuid[16];
	__u32 flags;
	__u32 assurance;
	__u32 pcr_banks;
	__u32 state;
	__u32 locality;
	__u32 objects;
	__u32 persistent;
	__u32 sessions;
	__u32 nv_indices;
	__u32 memory;
	__aligned_u64 commands;
	__aligned_u64 errors;
	__aligned_u64 chip_commands;
	__aligned_u64 ns;
	__u32 hardware;
	__u32 sealed;
	__u32 software;
	__u32 rollbacks;
	__aligned_u64 state_generation;
	__aligned_u64 state_commits;
	__u32 state_journal;
	__u32 state_room;
	__u32 state_accepted;
	__u32 reserved;
};

/**
 * enum vtpm_power_op - what to do with a vTPM's power
 * @VTPM_POWER_OFF: volatile state is lost; commands are then answered
 *	TPM_RC_FAILURE. Nothing happens if it is off.
 * @VTPM_POWER_ON: _TPM_Init (TPM 2.0 Part 1, 10.2.2): the next command has to
 *	be TPM2_Startup. Nothing happens if it is on.
 * @VTPM_POWER_RESET: off if it is on, then on
 *
 * Off and reset are sudden: for an orderly one, the guest sends
 * TPM2_Shutdown first. Locality is 0 after each of them. This is the only way
 * to PCRs that are reset: bytes from a guest never lead here.
 */
enum vtpm_power_op {
	VTPM_POWER_OFF		= 0,
	VTPM_POWER_ON		= 1,
	VTPM_POWER_RESET	= 2,
};

/*
 * struct vtpm_power.flags.
 *
 * VTPM_POWER_PRESENCE: with VTPM_POWER_ON or _RESET: physical presence is
 *	asserted (TPM 2.0 Part 1, 13.9) until the next use of this ioctl on the
 *	vTPM, or until the power is off. Without it, it is not. VTPM_POWER_ON
 *	changes it on a vTPM that is running, without a new power cycle. The
 *	guest can neither assert it nor see it.
 */
#define VTPM_POWER_PRESENCE	(1 << 0)

/**
 * struct vtpm_power - argument of VTPM_IOC_POWER and VTPM_MUX_IOC_POWER
 * @size: bytes of this structure
 * @number: which vTPM; required on /dev/vtpm-mux, ignored on /dev/vtpmN
 * @op: enum vtpm_power_op; required
 * @flags: VTPM_POWER_*
 *
 * Waits for the command under way. %EINVAL: no such @op, or a flag that does
 * not go with it.
 */
struct vtpm_power {
	__u32 size;
	__u32 number;
	__u32 op;
	__u32 flags;
};

/* Bytes of one VTPM_IOC_MEASURE; more go into several of them. */
#define VTPM_MEASURE_MAX	65536

/* struct vtpm_measure.flags: this is the first, the last part of the event. */
#define VTPM_MEASURE_START	(1 << 0)
#define VTPM_MEASURE_END	(1 << 1)

/**
 * struct vtpm_measure - argument of VTPM_IOC_MEASURE and VTPM_MUX_IOC_MEASURE
 * @size: bytes of this structure
 * @number: which vTPM; required on /dev/vtpm-mux, ignored on /dev/vtpmN
 * @flags: VTPM_MEASURE_*
 * @len: bytes of @data, up to VTPM_MEASURE_MAX
 * @data: address of the bytes to measure; required
 *
 * _TPM_Hash_Start, _TPM_Hash_Data and _TPM_Hash_End (TPM 2.0 Part 3, 22.9 to
 * 22.11), which a guest has no way to send: the launcher measures what the
 * guest will start with. Before TPM2_Startup the event is an H-CRTM: PCR[0] is
 * then H(0...04 || H(event)), and TPM2_Startup is as from locality 4. After it,
 * it is a DRTM: PCR[17] to PCR[22] become zero, PCR[17] is extended by it.
 * A new start forgets an event that was not ended, and so does a power change.
 *
 * Waits for the command under way. %EINVAL: a flag or @len out of range, or
 * no event was started. %EHOSTDOWN: the vTPM is powered off. %EIO: its state
 * cannot be written; the event can be ended again.
 */
struct vtpm_measure {
	__u32 size;
	__u32 number;
	__u32 flags;
	__u32 len;
	__aligned_u64 data;
};

/**
 * struct vtpm_locality - argument of VTPM_IOC_GET_LOCALITY and _SET_LOCALITY
 * @size: bytes of this structure
 * @locality: 0..4, of the commands to come; required
 *
 * 0 after open and after each power change. Setting waits for the command
 * under way. %EINVAL: above 4.
 */
struct vtpm_locality {
	__u32 size;
	__u32 locality;
};

/**
 * struct vtpm_established - argument of VTPM_IOC_RESET_ESTABLISHED
 * @size: bytes of this structure
 * @locality: 3 or 4; required
 *
 * The tpmEstablishment bit of the PC Client Platform TPM Profile, as a VMM's
 * TPM interface shows it: an event has been measured that no guest can send
 * (VTPM_IOC_MEASURE). It stays over power cycles, and %VTPM_STATE_ESTABLISHED
 * tells it. Resetting waits for the command under way. %EACCES: it is not to
 * be reset from this locality. %EHOSTDOWN: the vTPM is powered off. %EIO: its
 * state cannot be written.
 */
struct vtpm_established {
	__u32 size;
	__u32 locality;
};

/**
 * enum vtpm_blob_type - halves of a vTPM's state
 * @VTPM_BLOB_PERMANENT: what outlives the power: seeds, keys, NV, counters
 * @VTPM_BLOB_VOLATILE: the rest: PCRs, sessions, loaded objects
 */
enum vtpm_blob_type {
	VTPM_BLOB_PERMANENT	= 1,
	VTPM_BLOB_VOLATILE	= 2,
};

/*
 * struct vtpm_blob.flags of VTPM_IOC_SET_STATE.
 *
 * VTPM_BLOB_CHECK: say whether the blob is one of this vTPM's, and do nothing.
 * VTPM_BLOB_PRESENT: refuse one that is not the present state, also where
 *	%VTPM_CREATE_SNAPSHOTS would admit it.
 */
#define VTPM_BLOB_CHECK		(1 << 0)
#define VTPM_BLOB_PRESENT	(1 << 1)

/* Bytes of a blob are less. */
#define VTPM_BLOB_MAX		(2 << 20)

/**
 * struct vtpm_blob - argument of VTPM_IOC_GET_STATE and VTPM_IOC_SET_STATE
 * @size: bytes of this structure
 * @type: enum vtpm_blob_type
 * @flags: VTPM_BLOB_*, 0 for VTPM_IOC_GET_STATE
 * @len: bytes of @data; for VTPM_IOC_GET_STATE: in the room, out what there is,
 *	also where that is more than the room and the error is %ENOBUFS
 * @data: address of the blob; required
 *
 * The state of a vTPM for a VMM that saves, restores or migrates its guest.
 * Only this kernel can read a blob, and only this vTPM takes it: it is encrypted
 * with AES-256-GCM under a key that the vTPM alone has.
 *
 * A blob is of the present state until the next command, measurement or
 * VTPM_IOC_SET_STATE. Later it is the past, and loading it undoes what the
 * vTPM was told to do since: %ESTALE, unless the vTPM was made with
 * %VTPM_CREATE_SNAPSHOTS. How often that was done, struct vtpm_info.rollbacks
 * tells, and a line in the kernel's log, ten of them in a minute at most.
 *
 * Both are set while the vTPM is off. With VTPM_BLOB_VOLATILE it is on, and goes
 * on where it was; that has to fit the permanent state (%ESTALE), and is to be
 * had while the vTPM is on.
 *
 * Waits for the command under way. %EINVAL: @type or @flags out of range.
 * %EBADMSG: not a blob of this type that this vTPM gave. %EBUSY: it is on.
 * %EHOSTDOWN: it is off. %EIO: an authorization has failed, and the state file could
 * not be written to say so: there is no state before it can.
 */
struct vtpm_blob {
	__u32 size;
	__u32 type;
	__u32 flags;
	__u32 len;
	__aligned_u64 data;
};

/**
 * struct vtpm_cancel - argument of VTPM_IOC_CANCEL and VTPM_MUX_IOC_CANCEL
 * @size: bytes of this structure; required
 * @number: which vTPM; required on /dev/vtpm-mux, ignored on /dev/vtpmN
 *
 * Makes the physical chip give up what it does for this vTPM: the command
 * under way is soon answered TPM_RC_CANCELED. Works while another thread
 * blocks in write(2). No error if nothing is under way.
 */
struct vtpm_cancel {
	__u32 size;
	__u32 number;
};

/**
 * struct vtpm_stat - one row of statistics
 * @cc: TPM_CC of the command; 0 collects the codes that a vTPM does not know
 * @reserved: 0
 * @count: commands executed
 * @errors: those whose response code was not TPM_RC_SUCCESS
 * @chip_commands: commands that the chip executed for them
 * @ns: nanoseconds spent executing, waiting for the chip included
 * @ns_max: the longest of them; 0 in the chip's own rows
 */
struct vtpm_stat {
	__u32 cc;
	__u32 reserved;
	__aligned_u64 count;
	__aligned_u64 errors;
	__aligned_u64 chip_commands;
	__aligned_u64 ns;
	__aligned_u64 ns_max;
};

/* struct vtpm_stats.flags: the physical chip's commands; @number is 0 then. */
#define VTPM_STATS_CHIP		(1 << 0)

/**
 * struct vtpm_stats - argument of VTPM_MUX_IOC_STATS
 * @size: bytes of this structure
 * @number: which vTPM
 * @flags: VTPM_STATS_*
 * @row_size: bytes between rows in the caller's array: a multiple of 8 from
 *	16 to 4096. Rows are cut to it, or filled up with zeros.
 * @count: in: rows that fit; out: rows that there are. More than fit is no
 *	error: the first ones are written.
 * @reserved: 0
 * @rows: address of an array of struct vtpm_stat; required
 *
 * Only commands that were seen have a row. Ascending command codes.
 */
struct vtpm_stats {
	__u32 size;
	__u32 number;
	__u32 flags;
	__u32 row_size;
	__u32 count;
	__u32 reserved;
	__aligned_u64 rows;
};

/**
 * enum vtpm_host_state - the physical chip
 * @VTPM_HOST_ABSENT: there is no TPM 2.0 chip
 * @VTPM_HOST_UNPROVISIONED: the mux root key could not be made or found
 * @VTPM_HOST_READY: vTPMs can be created
 * @VTPM_HOST_STUCK: the last command has not been answered, or not in time; the
 *	chip is asked again when a vTPM needs it next
 * @VTPM_HOST_SUSPENDED: the host is about to sleep
 */
enum vtpm_host_state {
	VTPM_HOST_ABSENT	= 0,
	VTPM_HOST_UNPROVISIONED	= 1,
	VTPM_HOST_READY		= 2,
	VTPM_HOST_STUCK		= 3,
	VTPM_HOST_SUSPENDED	= 4,
};

/* struct vtpm_host_status.rsa and .curves */
#define VTPM_HOST_RSA_2048	(1 << 0)
#define VTPM_HOST_RSA_3072	(1 << 1)
#define VTPM_HOST_RSA_4096	(1 << 2)
#define VTPM_HOST_ECC_P256	(1 << 0)
#define VTPM_HOST_ECC_P384	(1 << 1)
#define VTPM_HOST_ECC_P521	(1 << 2)
#define VTPM_HOST_ECC_P192	(1 << 3)
#define VTPM_HOST_ECC_P224	(1 << 4)
#define VTPM_HOST_ECC_BN_P256	(1 << 5)
#define VTPM_HOST_ECC_BN_P638	(1 << 6)
#define VTPM_HOST_ECC_SM2_P256	(1 << 7)

/**
 * enum vtpm_host_binding - may the host in its present state use the mux root key?
 * @VTPM_BINDING_NONE: in any state: it is not bound
 * @VTPM_BINDING_WAITING: it is bound, and nobody has looked yet, or no state has
 *	been admitted since the module was loaded
 * @VTPM_BINDING_ADMITTED: it could when it was looked at last
 * @VTPM_BINDING_CHANGED: it could not: the PCRs' values are none that was admitted
 */
enum vtpm_host_binding {
	VTPM_BINDING_NONE	= 0,
	VTPM_BINDING_WAITING	= 1,
	VTPM_BINDING_ADMITTED	= 2,
	VTPM_BINDING_CHANGED	= 3,
};

/**
 * enum vtpm_host_anchor - is there a ledger, and can state files be used?
 * @VTPM_HOST_ANCHOR_NONE: no: the chip has no counter, and a ledger has to be made
 * @VTPM_HOST_ANCHOR_WAITING: the chip has one, whose ledger has to be attached
 * @VTPM_HOST_ANCHOR_HELD: yes
 */
enum vtpm_host_anchor {
	VTPM_HOST_ANCHOR_NONE		= 0,
	VTPM_HOST_ANCHOR_WAITING	= 1,
	VTPM_HOST_ANCHOR_HELD		= 2,
};

/**
 * struct vtpm_host_status - argument of VTPM_MUX_IOC_HOST_STATUS
 * @size: bytes of this structure; required
 * @state: enum vtpm_host_state
 * @error: why it is unprovisioned: a positive errno, 0 if nothing failed
 * @chip: N of the chip's /dev/tpmN, -1 if there is none
 * @manufacturer: of the chip, NUL terminated
 * @vendor: the chip's vendor string, NUL terminated
 * @firmware: the chip's TPM_PT_FIRMWARE_VERSION_1 and _2
 * @srk_handle: persistent handle of the storage root key, 0 if none
 * @mrk_handle: persistent handle of the mux root key, 0 if none
 * @srk_name: its Name, all zero if none: algorithm and digest (SHA-256)
 * @mrk_name: its Name, likewise
 * @rsa: VTPM_HOST_RSA_*, key sizes that the chip has
 * @curves: VTPM_HOST_ECC_*, curves that the chip has
 * @slots: object slots of the chip that the mux may use
 * @slots_used: those in use
 * @instances: vTPMs that there are
 * @instances_max: VTPM_MAX_INSTANCES of this kernel
 * @reserved: 0
 * @hits: chip operations that found their key loaded
 * @misses: those that had to load it
 * @evictions: keys that had to make room
 * @commands: commands sent to the chip since the module was loaded
 * @binding: enum vtpm_host_binding
 * @admitted: states that were admitted, at most 8
 * @bank: VTPM_BANK_* of the state that the host was found in, or that was
 *	admitted, last; 0 if there is none
 * @pcrs: its PCRs, a mask
 * @anchor: enum vtpm_host_anchor
 * @anchor_pending: 1: something in the ledger has changed since the chip's counter was
 *	incremented last
 * @anchor_entries: vTPMs that the ledger knows
 * @anchor_accepted: state files that were accepted although they were too old, since
 *	the ledger was made
 * @anchor_counter: the value that the ledger was written for
 * @anchor_increments: of the chip's counter since the ledger was attached
 */
struct vtpm_host_status {
	__u32 size;
	__u32 state;
	__s32 error;
	__s32 chip;
	char manufacturer[8];
	char vendor[24];
	__u32 firmware[2];
	__u32 srk_handle;
	__u32 mrk_handle;
	__u8 srk_name[34];
	__u8 mrk_name[34];
	__u32 rsa;
	__u32 curves;
	__u32 slots;
	__u32 slots_used;
	__u32 instances;
	__u32 instances_max;
	__u32 reserved;
	__aligned_u64 hits;
	__aligned_u64 misses;
	__aligned_u64 evictions;
	__aligned_u64 commands;
	__u32 binding;
	__u32 admitted;
	__u32 bank;
	__u32 pcrs;
	__u32 anchor;
	__u32 anchor_pending;
	__u32 anchor_entries;
	__u32 anchor_accepted;
	__aligned_u64 anchor_counter;
	__aligned_u64 anchor_increments;
};

#define VTPM_AUTH_MAX		64

/* struct vtpm_host_init.flags */
#define VTPM_HOST_BIND		(1 << 0)	/* to what @authority admits */
#define VTPM_HOST_REPLACE	(1 << 1)	/* the mux root key that there is */

/**
 * struct vtpm_host_init - argument of VTPM_MUX_IOC_HOST_INIT
 * @size: bytes of this structure
 * @auth_size: bytes of @auth, 0..VTPM_AUTH_MAX; required
 * @auth: the chip's owner authorization
 * @flags: VTPM_HOST_*
 * @reserved: 0
 * @authority: with %VTPM_HOST_BIND: the authority's public key, a point of P-256:
 *	x, then y
 *
 * Finds or makes the keys in the chip that vTPMs need. With an empty owner
 * authorization this happens by itself. The kernel keeps no copy of @auth.
 *
 * With %VTPM_HOST_BIND the mux root key is bound: the chip uses it only while the
 * host's PCRs are in a state that the authority has signed and
 * VTPM_MUX_IOC_HOST_ADMIT has brought. A key that there is cannot be bound, nor
 * bound otherwise: %EEXIST, or with %VTPM_HOST_REPLACE it is removed, another one
 * made, and all state files of vTPMs are lost.
 *
 * %EINVAL: @auth_size out of range, or a flag. %EKEYREJECTED: @authority is no
 * point of the curve. %ENODEV: no TPM 2.0 chip.
 * %EACCES: the authorization is wrong. %EEXIST: something else is at a persistent
 * handle that is needed, or see above. %ENOSPC: the chip's NV memory is full.
 * %EOPNOTSUPP: it lacks what is needed, to bind P-256. %EBUSY: others kept it busy,
 * the host is about to sleep, or vTPMs use the key to be replaced. %ETIMEDOUT: it
 * did not answer. %EIO: it failed.
 */
struct vtpm_host_init {
	__u32 size;
	__u32 auth_size;
	__u8 auth[VTPM_AUTH_MAX];
	__u32 flags;
	__u32 reserved;
	__u8 authority[64];
};

/**
 * struct vtpm_host_policy - argument of VTPM_MUX_IOC_HOST_POLICY
 * @size: bytes of this structure
 * @bank: one of VTPM_BANK_SHA256, _SHA384 and _SHA512
 * @pcrs: mask of the host's PCRs 0 to 23
 * @reserved: 0
 * @policy: out: the digest (SHA-256) of a TPM2_PolicyPCR of their present values;
 *	required
 *
 * What an authority signs to admit this state is @policy and the eight bytes
 * "vtpm_mux". %EINVAL: @bank or @pcrs out of range. %EOPNOTSUPP: the chip does not
 * have the bank. Else as VTPM_MUX_IOC_HOST_INIT.
 */
struct vtpm_host_policy {
	__u32 size;
	__u32 bank;
	__u32 pcrs;
	__u32 reserved;
	__u8 policy[32];
};

/**
 * struct vtpm_host_admit - argument of VTPM_MUX_IOC_HOST_ADMIT
 * @size: bytes of this structure
 * @bank: see struct vtpm_host_policy
 * @pcrs: likewise
 * @reserved: 0
 * @policy: digest of the state to be admitted, which need not be the present one
 * @authority: the authority's public key: x, then y
 * @signature: its signature, ECDSA with SHA-256 of @policy and "vtpm_mux": r, then
 *	s; required
 *
 * Until the module is unloaded, the chip's mux root key may be used in this state
 * too. The last 8 of them are kept.
 *
 * %EINVAL: @bank or @pcrs out of range, or the mux root key is not bound.
 * %EKEYREJECTED: it is bound to another authority, or the signature is wrong.
 * Else as VTPM_MUX_IOC_HOST_INIT.
 */
struct vtpm_host_admit {
	__u32 size;
	__u32 bank;
	__u32 pcrs;
	__u32 reserved;
	__u8 policy[32];
	__u8 authority[64];
	__u8 signature[64];
};

/*
 * struct vtpm_anchor.flags.
 *
 * VTPM_ANCHOR_NEW: make a counter in the chip, and a ledger in the file, which is
 *	empty. Without it, the ledger that is in the file is attached.
 * VTPM_ANCHOR_REPLACE: with VTPM_ANCHOR_NEW: in the place of the counter that there
 *	is. No ledger of before is accepted any more.
 * VTPM_ANCHOR_REMOVE: remove the counter: there is no ledger then.
 */
#define VTPM_ANCHOR_NEW		(1 << 0)
#define VTPM_ANCHOR_REPLACE	(1 << 1)
#define VTPM_ANCHOR_REMOVE	(1 << 2)

/**
 * struct vtpm_anchor - argument of VTPM_MUX_IOC_ANCHOR
 * @size: bytes of this structure
 * @flags: VTPM_ANCHOR_*
 * @ledger_fd: the ledger, a regular file, open for reading and writing; 0 with
 *	%VTPM_ANCHOR_REMOVE; required
 * @interval: seconds in which the chip's counter may be incremented once, in the
 *	long run; 0 for 3600
 * @auth_size: bytes of @auth, 0..VTPM_AUTH_MAX
 * @auth: the chip's owner authorization, with VTPM_ANCHOR_NEW or _REMOVE
 *
 * The ledger says how far each state file has come at least, and a counter of the
 * chip which ledger is the last. The kernel refuses state files that are older than
 * the ledger says or not in it, and without a ledger all of them. It keeps the
 * ledger's file open until the module is unloaded, and uses it with the credentials
 * it was opened with. No copy of @auth is kept.
 *
 * The ledger is written when a vTPM is made, closed, switched off or destroyed, and
 * within a minute of any other change. The counter is incremented when one is closed,
 * switched off or destroyed, when an older file is accepted, when the ledger is
 * attached, and else after @interval: at most 8 times at once, and once more for each
 * @interval.
 *
 * Errors: %EINVAL a flag, @auth_size or @ledger_fd out of range, %EBUSY a ledger is
 * attached, or vTPMs have state files. With %VTPM_ANCHOR_NEW: %EEXIST the chip has a
 * counter, or something else at its index, %ENOTEMPTY there is something in the file,
 * and those of VTPM_MUX_IOC_HOST_INIT and VTPM_MUX_IOC_CREATE. With
 * %VTPM_ANCHOR_REMOVE: %ENOENT the chip has no counter. Without either: %ESTALE the
 * ledger is an older copy, %EXDEV it belongs to another chip, or its counter is not
 * there any more; %ENOMSG, %EPROTONOSUPPORT, %ENODATA, %EBADMSG, %EIDRM as for
 * VTPM_MUX_IOC_OPEN.
 */
struct vtpm_anchor {
	__u32 size;
	__u32 flags;
	__s32 ledger_fd;
	__u32 interval;
	__u32 auth_size;
	__u8 auth[VTPM_AUTH_MAX];
};

/* struct vtpm_known.flags */
#define VTPM_KNOWN_IN_USE	(1 << 0)	/* a vTPM has its state file open */

/**
 * struct vtpm_known - argument of VTPM_MUX_IOC_KNOWN
 * @size: bytes of this structure
 * @entry: in: where to begin; out: which it is; required
 * @uuid: out: of the vTPM
 * @flags: out: VTPM_KNOWN_*
 * @accepted: out: how often a file of it was accepted although it was too old
 * @generation: out: of the file: it is refused if it is of an earlier one
 *
 * A vTPM that the ledger knows: the first from @entry on. From 0 on, and then from
 * the entry behind the one returned, all of them; %ENOENT ends the list. %EUNATCH:
 * no ledger is attached.
 */
struct vtpm_known {
	__u32 size;
	__u32 entry;
	__u8 uuid[16];
	__u32 flags;
	__u32 accepted;
	__aligned_u64 generation;
};

/**
 * struct vtpm_forget - argument of VTPM_MUX_IOC_FORGET
 * @size: bytes of this structure
 * @reserved: 0
 * @uuid: of a vTPM; required
 *
 * No state file of this vTPM shall be opened any more, wherever there is one: what
 * VTPM_MUX_IOC_DESTROY does to a vTPM that there is, for one whose file was lost or
 * stolen.
 *
 * %EINVAL: @reserved. %EUNATCH: no ledger is attached. %ESRCH: it does not know the
 * vTPM. %EBUSY: the file is in use: VTPM_MUX_IOC_DESTROY. Others are from the ledger's
 * file: until it can be written, the vTPM may be known again after a power cut.
 */
struct vtpm_forget {
	__u32 size;
	__u32 reserved;
	__u8 uuid[16];
};

/* 0xa1 is shared with <linux/vtpm_proxy.h>, which has 0x00. */
#define VTPM_IOC_MAGIC		0xa1

/* On /dev/vtpmN */
#define VTPM_IOC_INFO		_IO(VTPM_IOC_MAGIC, 0x40)
#define VTPM_IOC_POWER		_IO(VTPM_IOC_MAGIC, 0x41)
#define VTPM_IOC_GET_LOCALITY	_IO(VTPM_IOC_MAGIC, 0x42)
#define VTPM_IOC_SET_LOCALITY	_IO(VTPM_IOC_MAGIC, 0x43)
#define VTPM_IOC_CANCEL		_IO(VTPM_IOC_MAGIC, 0x44)
#define VTPM_IOC_MEASURE	_IO(VTPM_IOC_MAGIC, 0x45)
#define VTPM_IOC_RESET_ESTABLISHED _IO(VTPM_IOC_MAGIC, 0x46)
#define VTPM_IOC_GET_STATE	_IO(VTPM_IOC_MAGIC, 0x47)
#define VTPM_IOC_SET_STATE	_IO(VTPM_IOC_MAGIC, 0x48)

/* On /dev/vtpm-mux; * needs CAP_SYS_ADMIN */
#define VTPM_MUX_IOC_CREATE	_IO(VTPM_IOC_MAGIC, 0x50)	/* * */
#define VTPM_MUX_IOC_DESTROY	_IO(VTPM_IOC_MAGIC, 0x51)	/* * */
#define VTPM_MUX_IOC_INFO	_IO(VTPM_IOC_MAGIC, 0x52)
#define VTPM_MUX_IOC_NEXT	_IO(VTPM_IOC_MAGIC, 0x53)
#define VTPM_MUX_IOC_POWER	_IO(VTPM_IOC_MAGIC, 0x54)	/* * */
#define VTPM_MUX_IOC_CANCEL	_IO(VTPM_IOC_MAGIC, 0x55)	/* * */
#define VTPM_MUX_IOC_STATS	_IO(VTPM_IOC_MAGIC, 0x56)
#define VTPM_MUX_IOC_HOST_STATUS _IO(VTPM_IOC_MAGIC, 0x57)
#define VTPM_MUX_IOC_HOST_INIT	_IO(VTPM_IOC_MAGIC, 0x58)	/* * */
#define VTPM_MUX_IOC_MEASURE	_IO(VTPM_IOC_MAGIC, 0x59)	/* * */
#define VTPM_MUX_IOC_OPEN	_IO(VTPM_IOC_MAGIC, 0x5a)	/* * */
#define VTPM_MUX_IOC_HOST_POLICY _IO(VTPM_IOC_MAGIC, 0x5b)	/* * */
#define VTPM_MUX_IOC_HOST_ADMIT	_IO(VTPM_IOC_MAGIC, 0x5c)	/* * */
#define VTPM_MUX_IOC_ANCHOR	_IO(VTPM_IOC_MAGIC, 0x5d)	/* * */
#define VTPM_MUX_IOC_KNOWN	_IO(VTPM_IOC_MAGIC, 0x5e)
#define VTPM_MUX_IOC_FORGET	_IO(VTPM_IOC_MAGIC, 0x5f)	/* * */

#endif
