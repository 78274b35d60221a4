#include "sim/machine/system/core_list.hpp"

#include <charconv>

namespace baton::sim {
namespace {

bool take_number(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::vector<std::uint32_t> parse_core_list(std::string_view text, std::uint32_t cores) {
  std::vector<std::uint32_t> list;
  do {
    std::uint32_t first = 0;
    if (!take_number(text, first)) return {};
    std::uint32_t last = first;
    if (take(text, '-') && !take_number(text, last)) return {};
    if (last < first || last >= cores) return {};
    for (std::uint32_t core = first; core <= last; ++core) list.push_back(core);
  } while (take(text, ','));
  return text.empty() ? list : std::vector<std::uint32_t>{};
}

}  // namespace baton::sim
