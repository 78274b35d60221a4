#pragma once
// Which fields of a line which cores touch.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/machine/contended_lines.hpp"

namespace baton::experiment {

struct LineField {
  std::string name;              ///< of several elements of an array that the same cores touch: "a[0-3]"
  std::uint32_t first_byte = 0;  ///< of those touched, within the line
  std::uint32_t last_byte = 0;
  std::vector<std::uint32_t> read_by;  ///< cores, rising
  std::vector<std::uint32_t> written_by;
};

/// The fields of a line that anybody touches, by place. `name_of` a byte of the line; nothing if it is in no
/// field that is known.
std::vector<LineField> line_fields(const std::map<std::uint32_t, sim::CoreTouches>& touches,
                                   std::uint32_t line_bytes, std::uint32_t granule_bytes,
                                   const std::function<std::optional<std::string>(std::uint32_t)>& name_of);

/// "0-3,7" of rising numbers.
std::string number_ranges(const std::vector<std::uint32_t>& numbers);

}  // namespace baton::experiment
