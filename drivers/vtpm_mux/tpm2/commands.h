/* SPDX-License-Identifier: GPL-2.0 */
/* Command handlers, by the file that implements them. */
#ifndef VTPM2_COMMANDS_H
#define VTPM2_COMMANDS_H

#include "tpm2.h"

#define VTPM2_CC(name) u32 vtpm2_cc_##name(struct vtpm2 *t, struct vtpm2_cmd *c)

/* startup.c */
VTPM2_CC(startup);
VTPM2_CC(shutdown);

/* selftest.c */
VTPM2_CC(self_test);
VTPM2_CC(incremental_self_test);
VTPM2_CC(get_test_result);

/* session.c */
VTPM2_CC(start_auth_session);
VTPM2_CC(policy_restart);

/* policy.c */
VTPM2_CC(policy_get_digest);
VTPM2_CC(policy_pcr);
VTPM2_CC(policy_auth_value);
VTPM2_CC(policy_password);
VTPM2_CC(policy_secret);
VTPM2_CC(policy_signed);
VTPM2_CC(policy_ticket);
VTPM2_CC(policy_or);
VTPM2_CC(policy_command_code);
VTPM2_CC(policy_authorize);
VTPM2_CC(policy_locality);
VTPM2_CC(policy_nv);
VTPM2_CC(policy_counter_timer);
VTPM2_CC(policy_cp_hash);
VTPM2_CC(policy_name_hash);
VTPM2_CC(policy_nv_written);
VTPM2_CC(policy_duplication_select);
VTPM2_CC(policy_template);
VTPM2_CC(policy_physical_presence);
VTPM2_CC(policy_authorize_nv);

/* create.c, primary.c, load.c */
VTPM2_CC(create);
VTPM2_CC(create_primary);
VTPM2_CC(create_loaded);
VTPM2_CC(load);
VTPM2_CC(load_external);
VTPM2_CC(read_public);
VTPM2_CC(object_change_auth);

/* duplicate.c */
VTPM2_CC(duplicate);
VTPM2_CC(rewrap);
VTPM2_CC(import);

/* context.c, evict.c */
VTPM2_CC(context_save);
VTPM2_CC(context_load);
VTPM2_CC(flush_context);
VTPM2_CC(evict_control);

/* asym.c */
VTPM2_CC(rsa_encrypt);
VTPM2_CC(rsa_decrypt);
VTPM2_CC(ecdh_keygen);
VTPM2_CC(ecdh_zgen);
VTPM2_CC(test_parms);

/* commit.c, zgen.c */
VTPM2_CC(commit);
VTPM2_CC(ec_ephemeral);
VTPM2_CC(zgen_2phase);

/* curve.c */
VTPM2_CC(ecc_parameters);

/* sign.c, seal.c, credential.c, attest.c */
VTPM2_CC(sign);
VTPM2_CC(verify_signature);
VTPM2_CC(unseal);
VTPM2_CC(make_credential);
VTPM2_CC(activate_credential);
VTPM2_CC(quote);
VTPM2_CC(certify);
VTPM2_CC(certify_creation);
VTPM2_CC(get_time);
VTPM2_CC(nv_certify);
VTPM2_CC(get_command_audit_digest);
VTPM2_CC(get_session_audit_digest);

/* x509.c */
VTPM2_CC(certify_x509);

/* audit.c */
VTPM2_CC(set_command_code_audit_status);

/* cipher.c */
VTPM2_CC(encrypt_decrypt);
VTPM2_CC(encrypt_decrypt2);

/* hash.c, mac.c, sequence.c */
VTPM2_CC(hash);
VTPM2_CC(hmac);
VTPM2_CC(hmac_start);
VTPM2_CC(hash_sequence_start);
VTPM2_CC(sequence_update);
VTPM2_CC(sequence_complete);
VTPM2_CC(event_sequence_complete);

/* random.c */
VTPM2_CC(get_random);
VTPM2_CC(stir_random);

/* pcr.c */
VTPM2_CC(pcr_read);
VTPM2_CC(pcr_extend);
VTPM2_CC(pcr_event);
VTPM2_CC(pcr_reset);

/* pcr_alloc.c, pcr_auth.c */
VTPM2_CC(pcr_allocate);
VTPM2_CC(pcr_set_auth_policy);
VTPM2_CC(pcr_set_auth_value);

/* platform.c */
VTPM2_CC(pp_commands);
VTPM2_CC(set_algorithm_set);

/* hierarchy.c */
VTPM2_CC(hierarchy_control);
VTPM2_CC(hierarchy_change_auth);
VTPM2_CC(set_primary_policy);
VTPM2_CC(clear);
VTPM2_CC(clear_control);
VTPM2_CC(change_eps);
VTPM2_CC(change_pps);

/* da.c */
VTPM2_CC(dictionary_attack_lock_reset);
VTPM2_CC(dictionary_attack_parameters);

/* clock.c */
VTPM2_CC(read_clock);
VTPM2_CC(clock_set);
VTPM2_CC(clock_rate_adjust);

/* capability.c */
VTPM2_CC(get_capability);

/* nvcmd.c */
VTPM2_CC(nv_define_space);
VTPM2_CC(nv_undefine_space);
VTPM2_CC(nv_undefine_space_special);
VTPM2_CC(nv_read_public);
VTPM2_CC(nv_write);
VTPM2_CC(nv_increment);
VTPM2_CC(nv_extend);
VTPM2_CC(nv_set_bits);
VTPM2_CC(nv_write_lock);
VTPM2_CC(nv_global_write_lock);
VTPM2_CC(nv_read);
VTPM2_CC(nv_read_lock);
VTPM2_CC(nv_change_auth);

#endif
