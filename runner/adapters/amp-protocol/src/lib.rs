// What the binaries of this adapter share.
// SPDX-License-Identifier: Apache-2.0
pub mod types;
