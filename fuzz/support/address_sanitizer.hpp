// Whether this build has the address sanitizer, whichever compiler made it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__SANITIZE_ADDRESS__)  // GCC
#define AMPSPEC_FUZZ_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AMPSPEC_FUZZ_ADDRESS_SANITIZER
#endif
#endif

namespace ampspec::fuzz {

#ifdef AMPSPEC_FUZZ_ADDRESS_SANITIZER
inline constexpr bool is_under_address_sanitizer = true;
#else
inline constexpr bool is_under_address_sanitizer = false;
#endif

}  // namespace ampspec::fuzz
