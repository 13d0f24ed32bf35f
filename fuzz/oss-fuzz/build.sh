#!/bin/bash -eu
# All that is done stands in the project itself, so that it changes with the targets.
# SPDX-License-Identifier: Apache-2.0
exec "$SRC/ampspec/fuzz/build_targets.sh"
