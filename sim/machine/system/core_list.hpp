#pragma once
// Lists of cores as taskset(1) and GOMP_CPU_AFFINITY have them: "0-5,8", here without strides.

#include <cstdint>
#include <string_view>
#include <vector>

namespace baton::sim {

/// The cores in the order of the list, a core as often as it is named. Empty if the text is no such list, or
/// names a core that is not below `cores`.
std::vector<std::uint32_t> parse_core_list(std::string_view text, std::uint32_t cores);

}  // namespace baton::sim
