# Writes a C++ source that holds a text file as one string. Run as: cmake -D INPUT=… -D OUTPUT=… -P embed.cmake
# SPDX-License-Identifier: Apache-2.0
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "// Made by the build from report.html.
#include <string_view>
namespace ampspec::runner {
extern const std::string_view html_template;
const std::string_view html_template = R\"ampspec(${text})ampspec\";
}  // namespace ampspec::runner
")
