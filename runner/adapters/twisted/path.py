# Finds what the adapters in Python share, wherever they are started.
# SPDX-License-Identifier: Apache-2.0
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
