// Carries typed values over to the naive implementation and back; it shares no header with the reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/types.hpp"
#include "reference/wire/value.hpp"

namespace ampspec::peer {

naive::argument_type to_naive(const wire::value_type&);
naive::argument_list to_naive(const wire::value_schema&);
naive::typed_value to_naive(const wire::value_type&, const wire::value&);
naive::typed_record to_naive(const wire::value_schema&, const wire::record_value&);

wire::value from_naive(const wire::value_type&, const naive::typed_value&);
wire::record_value from_naive(const wire::value_schema&, const naive::typed_record&);

}  // namespace ampspec::peer
