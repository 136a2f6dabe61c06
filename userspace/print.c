// SPDX-License-Identifier: GPL-2.0
/*
 * What vtpmctl prints.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "print.h"

#define NAME_LEN	34	/* TPM2B_NAME of a SHA-256 Name */

bool print_json;

const char * const assurance_names[3] = { "auto", "hardware", "software" };
const char * const bank_names[4] = { "sha1", "sha256", "sha384", "sha512" };

static const char * const rsa_names[] = { "rsa2048", "rsa3072", "rsa4096" };
static const char * const curve_names[] = {
	"p256", "p384", "p521", "p192", "p224", "bn256", "bn638", "sm2",
};

static const char * const host_states[] = {
	"absent", "unprovisioned", "ready", "stuck", "suspended",
};

static const char * const bindings[] = {
	"none", "waiting for an admitted state", "in an admitted state",
	"in no admitted state",
};

static const char * const anchors[] = {
	"none", "not attached", "attached",
};

void format_uuid(char text[UUID_LEN + 1], const __u8 uuid[16])
{
	int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		text += sprintf(text, "%02x", uuid[i]);
	}
}

/* The state of a vTPM in one word. */
static const char *state_name(const struct vtpm_info *info)
{
	if (!(info->state & VTPM_STATE_POWERED))
		return "off";
	return info->state & VTPM_STATE_STARTED ? "started" : "on";
}

/* A newer kernel may know more values than we do. */
static const char *name_of(const char * const *names, size_t n, __u32 value)
{
	return value < n ? names[value] : "unknown";
}

static void print_field(const char *name, const char *fmt, ...)
{
	va_list args;

	printf("%-15s ", name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

/* The names of the bits in @mask: a list in JSON, else words. */
static void print_mask(const char *key, __u32 mask, const char * const *names,
		       int n)
{
	int i;

	if (print_json)
		json_open_array(key);
	else
		printf("%-15s", key);
	for (i = 0; i < n; i++) {
		if (!(mask & 1u << i))
			continue;
		if (print_json)
			json_string(NULL, names[i]);
		else
			printf(" %s", names[i]);
	}
	if (print_json)
		json_close();
	else
		putchar('\n');
}

/* Absent where there is no vDPA device; "" where none has it. */
static void json_vdpa(const struct vtpm_info *info)
{
	struct vtpm_vdpa_state vdpa;

	json_bool("vdpa", info->state & VTPM_STATE_VDPA);
	if (!(info->state & VTPM_STATE_VDPA) ||
	    vtpm_vdpa_get_state(info->number, &vdpa))
		return;
	json_string("vdpa_driver", vdpa.driver);
	json_string("vdpa_device", vdpa.node);
}

static void print_vdpa(const struct vtpm_info *info)
{
	struct vtpm_vdpa_state vdpa;

	if (!(info->state & VTPM_STATE_VDPA) ||
	    vtpm_vdpa_get_state(info->number, &vdpa))
		return;
	print_field("vdpa", "%s%s%s", vdpa.driver[0] ? vdpa.driver : "no driver",
		    vdpa.node[0] ? ", " : "", vdpa.node);
}

static void json_state_file(const struct vtpm_info *info)
{
	json_bool("persistent_state", info->flags & VTPM_CREATE_STATE);
	if (!(info->flags & VTPM_CREATE_STATE))
		return;
	json_number("state_generation", info->state_generation);
	json_number("state_commits", info->state_commits);
	json_number("state_journal", info->state_journal);
	json_number("state_room", info->state_room);
	json_number("accepted_rollbacks", info->state_accepted);
}

static void json_vtpm(const struct vtpm_info *info)
{
	char uuid[UUID_LEN + 1], path[32];

	format_uuid(uuid, info->uuid);
	snprintf(path, sizeof(path), VTPM_PATH, info->number);
	json_number("number", info->number);
	json_string("device", path);
	json_string("uuid", uuid);
	json_string("assurance", name_of(assurance_names,
					 ARRAY_SIZE(assurance_names),
					 info->assurance));
	print_mask("pcr_banks", info->pcr_banks, bank_names,
		   ARRAY_SIZE(bank_names));
	json_bool("power_follows_open",
		  info->flags & VTPM_CREATE_POWER_FOLLOWS_OPEN);
	json_bool("snapshots", info->flags & VTPM_CREATE_SNAPSHOTS);
	json_bool("powered", info->state & VTPM_STATE_POWERED);
	json_bool("started", info->state & VTPM_STATE_STARTED);
	json_bool("open", info->state & VTPM_STATE_OPEN);
	json_bool("physical_presence", info->state & VTPM_STATE_PRESENCE);
	json_bool("established", info->state & VTPM_STATE_ESTABLISHED);
	json_vdpa(info);
	json_state_file(info);
	json_number("locality", info->locality);
	json_number("objects", info->objects);
	json_number("persistent", info->persistent);
	json_number("sessions", info->sessions);
	json_number("nv_indices", info->nv_indices);
	json_number("hardware", info->hardware);
	json_number("sealed", info->sealed);
	json_number("software", info->software);
	json_number("rollbacks", info->rollbacks);
	json_number("memory", info->memory);
	json_number("commands", info->commands);
	json_number("errors", info->errors);
	json_number("chip_commands", info->chip_commands);
	json_number("ns", info->ns);
}

void print_list_begin(void)
{
	if (print_json)
		json_open_array(NULL);
	else
		printf("%-12s %-8s %-5s %-9s %10s %10s  %s\n", "DEVICE",
		       "STATE", "OPEN", "ASSURANCE", "COMMANDS", "CHIP", "UUID");
}

void print_list_row(const struct vtpm_info *info)
{
	char uuid[UUID_LEN + 1], path[32];

	if (print_json) {
		json_open_object(NULL);
		json_vtpm(info);
		json_close();
		return;
	}
	format_uuid(uuid, info->uuid);
	snprintf(path, sizeof(path), VTPM_PATH, info->number);
	printf("%-12s %-8s %-5s %-9s %10llu %10llu  %s\n", path,
	       state_name(info), info->state & VTPM_STATE_OPEN ? "yes" : "no",
	       name_of(assurance_names, ARRAY_SIZE(assurance_names),
		       info->assurance),
	       info->commands, info->chip_commands, uuid);
}

void print_list_end(void)
{
	if (print_json)
		json_close();
}

void print_known_begin(void)
{
	if (print_json)
		json_open_array(NULL);
	else
		printf("%-36s %-6s %20s %9s\n", "UUID", "IN-USE", "GENERATION", "ROLLBACKS");
}

void print_known(const struct vtpm_known *known)
{
	bool in_use = known->flags & VTPM_KNOWN_IN_USE;
	char uuid[UUID_LEN + 1];

	format_uuid(uuid, known->uuid);
	if (!print_json) {
		printf("%-36s %-6s %20llu %9u\n", uuid, in_use ? "yes" : "no",
		       known->generation, known->accepted);
		return;
	}
	json_open_object(NULL);
	json_string("uuid", uuid);
	json_bool("in_use", in_use);
	json_number("generation", known->generation);
	json_number("accepted_rollbacks", known->accepted);
	json_close();
}

static void json_stats(const char *key, const struct vtpm_stat *rows, int count)
{
	const char *name;
	int i;

	json_open_array(key);
	for (i = 0; i < count; i++) {
		name = vtpm_command_name(rows[i].cc);
		json_open_object(NULL);
		json_number("code", rows[i].cc);
		json_string("command", name ? name : "unknown");
		json_number("count", rows[i].count);
		json_number("errors", rows[i].errors);
		json_number("chip_commands", rows[i].chip_commands);
		json_number("ns", rows[i].ns);
		json_number("ns_max", rows[i].ns_max);
		json_close();
	}
	json_close();
}

void print_stats(const struct vtpm_stat *rows, int count)
{
	char number[16];
	const char *name;
	int i;

	if (print_json) {
		json_stats(NULL, rows, count);
		return;
	}
	printf("%-30s %9s %7s %9s %11s %11s %11s\n", "COMMAND", "COUNT",
	       "ERRORS", "CHIP", "TOTAL(ms)", "AVG(ms)", "MAX(ms)");
	for (i = 0; i < count; i++) {
		name = vtpm_command_name(rows[i].cc);
		if (!name) {
			snprintf(number, sizeof(number), "0x%x", rows[i].cc);
			name = rows[i].cc ? number : "(unknown)";
		}
		printf("%-30s %9llu %7llu %9llu %11.3f %11.3f", name,
		       rows[i].count, rows[i].errors, rows[i].chip_commands,
		       rows[i].ns / 1e6,
		       rows[i].count ? rows[i].ns / 1e6 / rows[i].count : 0);
		if (rows[i].ns_max)
			printf(" %11.3f\n", rows[i].ns_max / 1e6);
		else
			printf(" %11s\n", "-");
	}
}

void print_vtpm(const struct vtpm_info *info, const struct vtpm_stat *rows,
		int count)
{
	char uuid[UUID_LEN + 1];

	if (print_json) {
		json_open_object(NULL);
		json_vtpm(info);
		if (rows)
			json_stats("stats", rows, count);
		json_close();
		return;
	}
	format_uuid(uuid, info->uuid);
	print_field("device", VTPM_PATH, info->number);
	print_field("uuid", "%s", uuid);
	print_field("state", "%s%s%s%s", state_name(info),
		    info->state & VTPM_STATE_OPEN ? ", open" : "",
		    info->state & VTPM_STATE_PRESENCE ?
		    ", physical presence" : "",
		    info->state & VTPM_STATE_ESTABLISHED ?
		    ", established" : "");
	print_vdpa(info);
	print_field("power", "%s",
		    info->flags & VTPM_CREATE_POWER_FOLLOWS_OPEN ?
		    "follows open" : "by request");
	print_field("snapshots", "%s, %u loaded",
		    info->flags & VTPM_CREATE_SNAPSHOTS ? "allowed" : "refused",
		    info->rollbacks);
	print_field("assurance", "%s", name_of(assurance_names,
					       ARRAY_SIZE(assurance_names),
					       info->assurance));
	print_mask("pcr-banks", info->pcr_banks, bank_names,
		   ARRAY_SIZE(bank_names));
	print_field("locality", "%u", info->locality);
	print_field("objects", "%u transient, %u persistent", info->objects,
		    info->persistent);
	print_field("private-parts", "%u in the chip, %u sealed by it, %u in software",
		    info->hardware, info->sealed, info->software);
	print_field("sessions", "%u", info->sessions);
	print_field("nv-indices", "%u", info->nv_indices);
	if (info->flags & VTPM_CREATE_STATE)
		print_field("state-file", "generation %llu, %llu changes, journal %u of %u bytes",
			    info->state_generation, info->state_commits,
			    info->state_journal, info->state_journal + info->state_room);
	if (info->flags & VTPM_CREATE_STATE)
		print_field("rollbacks", "%u accepted", info->state_accepted);
	print_field("memory", "%u bytes", info->memory);
	print_field("commands", "%llu, %llu failed, %.3f ms", info->commands,
		    info->errors, info->ns / 1e6);
	print_field("chip-commands", "%llu", info->chip_commands);
	if (rows) {
		putchar('\n');
		print_stats(rows, count);
	}
}

static void json_binding(const struct vtpm_host_status *host)
{
	int i;

	json_string("binding", name_of(bindings, ARRAY_SIZE(bindings), host->binding));
	json_number("admitted", host->admitted);
	print_mask("bank", host->bank, bank_names, ARRAY_SIZE(bank_names));
	json_open_array("pcrs");
	for (i = 0; i < 24; i++)
		if (host->pcrs & 1u << i)
			json_number(NULL, i);
	json_close();
}

static void print_binding(const struct vtpm_host_status *host)
{
	const char *comma = "";
	int i;

	print_field("binding", "%s", name_of(bindings, ARRAY_SIZE(bindings), host->binding));
	if (!host->admitted)
		return;
	printf("%-15s %u, last ", "admitted", host->admitted);
	for (i = 0; i < (int)ARRAY_SIZE(bank_names); i++)
		if (host->bank & 1u << i)
			printf("%s:", bank_names[i]);
	for (i = 0; i < 24; i++) {
		if (!(host->pcrs & 1u << i))
			continue;
		printf("%s%d", comma, i);
		comma = ",";
	}
	putchar('\n');
}

static void json_anchor(const struct vtpm_host_status *host)
{
	json_string("ledger", name_of(anchors, ARRAY_SIZE(anchors), host->anchor));
	json_number("ledger_vtpms", host->anchor_entries);
	json_number("ledger_counter", host->anchor_counter);
	json_number("ledger_increments", host->anchor_increments);
	json_bool("ledger_pending", host->anchor_pending);
	json_number("accepted_rollbacks", host->anchor_accepted);
}

static void print_anchor(const struct vtpm_host_status *host)
{
	if (host->anchor != VTPM_HOST_ANCHOR_HELD) {
		print_field("ledger", "%s", name_of(anchors, ARRAY_SIZE(anchors), host->anchor));
		return;
	}
	print_field("ledger", "%u vtpms, %u rollbacks accepted, counter %llu, %llu increments%s",
		    host->anchor_entries, host->anchor_accepted, host->anchor_counter,
		    host->anchor_increments, host->anchor_pending ? ", one is due" : "");
}

static void json_host(const struct vtpm_host_status *host)
{
	json_open_object(NULL);
	json_string("state", name_of(host_states, ARRAY_SIZE(host_states),
				     host->state));
	json_number("error", host->error);
	json_string("error_text", host->error ? strerror(host->error) : "");
	json_number("chip", host->chip);
	json_string("manufacturer", host->manufacturer);
	json_string("vendor", host->vendor);
	json_open_array("firmware");
	json_number(NULL, host->firmware[0]);
	json_number(NULL, host->firmware[1]);
	json_close();
	json_number("srk_handle", host->srk_handle);
	json_hex("srk_name", host->srk_name, host->srk_handle ? NAME_LEN : 0);
	json_number("mrk_handle", host->mrk_handle);
	json_hex("mrk_name", host->mrk_name, host->mrk_handle ? NAME_LEN : 0);
	json_binding(host);
	json_anchor(host);
	print_mask("rsa", host->rsa, rsa_names, ARRAY_SIZE(rsa_names));
	print_mask("curves", host->curves, curve_names,
		   ARRAY_SIZE(curve_names));
	json_number("slots", host->slots);
	json_number("slots_used", host->slots_used);
	json_number("instances", host->instances);
	json_number("instances_max", host->instances_max);
	json_number("hits", host->hits);
	json_number("misses", host->misses);
	json_number("evictions", host->evictions);
	json_number("commands", host->commands);
	json_close();
}

static void print_key(const char *label, __u32 handle, const __u8 *name)
{
	int i;

	if (!handle) {
		print_field(label, "none");
		return;
	}
	printf("%-15s 0x%08x ", label, handle);
	for (i = 0; i < NAME_LEN; i++)
		printf("%02x", name[i]);
	putchar('\n');
}

/* A chip's strings are its own affair: keep them off the terminal's codes. */
static const char *printable(char *text, size_t size, const char *from)
{
	size_t i;

	for (i = 0; i + 1 < size && from[i]; i++)
		text[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	text[i] = '\0';
	return text;
}

void print_host(const struct vtpm_host_status *host)
{
	char manufacturer[sizeof(host->manufacturer)];
	char vendor[sizeof(host->vendor)];

	if (print_json) {
		json_host(host);
		return;
	}
	print_field("state", "%s%s%s", name_of(host_states,
					       ARRAY_SIZE(host_states),
					       host->state),
		    host->error ? ": " : "",
		    host->error ? strerror(host->error) : "");
	if (host->chip >= 0) {
		print_field("chip", "/dev/tpm%d %s %s", host->chip,
			    printable(manufacturer, sizeof(manufacturer),
				      host->manufacturer),
			    printable(vendor, sizeof(vendor), host->vendor));
		print_field("firmware", "0x%08x 0x%08x", host->firmware[0],
			    host->firmware[1]);
		print_key("srk", host->srk_handle, host->srk_name);
		print_key("mrk", host->mrk_handle, host->mrk_name);
		print_binding(host);
		print_anchor(host);
		print_mask("rsa", host->rsa, rsa_names, ARRAY_SIZE(rsa_names));
		print_mask("curves", host->curves, curve_names,
			   ARRAY_SIZE(curve_names));
		print_field("slots", "%u of %u used", host->slots_used,
			    host->slots);
		print_field("cache", "%llu hits, %llu misses, %llu evictions",
			    host->hits, host->misses, host->evictions);
		print_field("commands", "%llu", host->commands);
	}
	print_field("vtpms", "%u of %u", host->instances, host->instances_max);
}
