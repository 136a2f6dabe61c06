// SPDX-License-Identifier: GPL-2.0
/*
 * What the events of trace.h are made of.
 */
#define CREATE_TRACE_POINTS
#include "trace.h"
