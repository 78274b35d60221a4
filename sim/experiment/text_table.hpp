#pragma once
// Tables for a terminal.

#include <cstddef>
#include <string>
#include <vector>

namespace baton::experiment {

/// Number of characters that a terminal shows of UTF-8 text.
std::size_t text_width(const std::string& text);

/// A line of text for each row: columns as wide as their widest cell, two spaces apart. Cells are UTF-8 and
/// stand at the left, but for those of the columns that `right` names (numbers).
std::vector<std::string> text_table(const std::vector<std::vector<std::string>>& rows,
                                    const std::vector<bool>& right = {});

}  // namespace baton::experiment
