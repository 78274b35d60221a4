#include "traces/programs/runtime/names.hpp"

#include <algorithm>
#include <stdexcept>

namespace baton::programs {
namespace {

constexpr std::size_t longest = 60;

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

int NameList::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? -1 : static_cast<int>(found - names_.begin());
}

std::uint16_t NameList::intern(std::string_view name) {
  const int known = find(name);
  if (known >= 0) return static_cast<std::uint16_t>(known);
  if (name.empty() || name.size() > longest || !std::all_of(name.begin(), name.end(), allowed))
    throw std::invalid_argument("a program's name \"" + std::string(name) +
                                "\" is not 1 to 60 letters, digits and '_'");
  if (names_.size() == 0xFFFF) throw std::invalid_argument("a program has too many names");
  names_.emplace_back(name);
  return static_cast<std::uint16_t>(names_.size() - 1);
}

}  // namespace baton::programs
