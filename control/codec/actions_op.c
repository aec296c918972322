// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_op.c - what kinds of ops there are: what the passes over ops ask of
 * more than one.
 */
#include "control/codec/actions_int.h"

uint32_t ox_op_traits(enum ox_opcode code)
{
	switch (code) {
	case OX_OP_CLONE:
	case OX_OP_SAMPLE:
	case OX_OP_CHECK_LEN:
	case OX_OP_JUMP:
		return OX_TRAIT_SKIPS;
	case OX_OP_DEC_TTL:
		return OX_TRAIT_SKIPS | OX_TRAIT_MAY_FAIL;
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
		return OX_TRAIT_EDITS | OX_TRAIT_SHORT;
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_HASH:
	case OX_OP_TRUNC:
	case OX_OP_CT_CLEAR:
	case OX_OP_TUN:
	case OX_OP_TUN_ARG:
		return OX_TRAIT_EDITS;
	case OX_OP_SET_IPV4_SRC:
	case OX_OP_SET_IPV4_DST:
	case OX_OP_SET_IPV4_TOS:
	case OX_OP_SET_IPV4_TTL:
	case OX_OP_SET_IPV6_SRC:
	case OX_OP_SET_IPV6_DST:
	case OX_OP_SET_IPV6_TCLASS:
	case OX_OP_SET_IPV6_LABEL:
	case OX_OP_SET_IPV6_HLIMIT:
	case OX_OP_SET_TP_SRC:
	case OX_OP_SET_TP_DST:
	case OX_OP_PUSH_VLAN:
	case OX_OP_POP_VLAN:
		return OX_TRAIT_EDITS | OX_TRAIT_MAY_FAIL | OX_TRAIT_SHORT;
	case OX_OP_SET_MPLS:
	case OX_OP_SET_NSH:
		return OX_TRAIT_EDITS | OX_TRAIT_MAY_FAIL;
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_PUSH_NSH:
	case OX_OP_POP_NSH:
		return OX_TRAIT_EDITS | OX_TRAIT_MAY_FAIL | OX_TRAIT_MOVES_HEAD;
	case OX_OP_END:
	case OX_OP_OUTPUT:
	case OX_OP_USERSPACE:
	case OX_OP_RECIRC:
	case OX_OP_METER:
	case OX_OP_DROP:
	case OX_OP_GROUP:
	case OX_OP_CT:
	case OX_OP_CT_ARG:
	case OX_OP_REFUSE:
		return 0;
	}
	return 0;
}
