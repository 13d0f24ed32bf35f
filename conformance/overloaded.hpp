// Several lambdas as the one visitor that std::visit wants.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ampspec::conformance {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;  // clang 14 does not deduce it

}  // namespace ampspec::conformance
