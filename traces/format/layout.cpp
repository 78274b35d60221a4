#include "traces/format/layout.hpp"

namespace baton::traces::format {
namespace {

/// Follows an offset down to a scalar. Types consist of those of lower numbers, so this ends; members that
/// overlap at every level, which no program has but a damaged file may, are followed only so often.
class Finder {
 public:
  explicit Finder(const std::vector<Type>& types) : types_(types) {}

  bool find(std::uint32_t number, std::uint64_t offset, std::string& path) {
    if (number == 0 || number >= types_.size()) return true;
    if (steps_ == 0) return false;
    --steps_;
    const Type& type = types_[number];
    if (type == Type{}) return true;  // lost
    if (offset >= type.bytes) return false;
    if (type.element_bytes != 0) {
      path += "[" + std::to_string(offset / type.element_bytes) + "]";
      return find(type.element, offset % type.element_bytes, path);
    }
    return type.members.empty() || find_member(type, offset, path);
  }

 private:
  bool find_member(const Type& type, std::uint64_t offset, std::string& path) {
    std::string found;
    std::string all;
    int count = 0;
    for (const Member& member : type.members) {
      if (offset < member.offset || offset - member.offset >= member.bytes) continue;
      std::string inside = member.name.empty() ? "" : "." + member.name;
      if (!find(member.type, offset - member.offset, inside)) continue;
      const std::string name = member.name.empty() && !inside.empty() ? inside.substr(1) : member.name;
      all += (count == 0 ? "" : "|") + name;
      found = inside;
      ++count;
    }
    if (count > 0) path += count == 1 ? found : ".(" + all + ")";
    return count > 0;
  }

  const std::vector<Type>& types_;
  int steps_ = 4096;
};

}  // namespace

std::optional<std::string> field_at(const std::vector<Type>& types, std::uint32_t type,
                                    std::uint64_t offset) {
  std::string path;
  if (!Finder(types).find(type, offset, path)) return std::nullopt;
  return path;
}

std::optional<std::string> field_in_allocation(const std::vector<Type>& types, std::uint32_t type,
                                               std::uint64_t bytes, std::uint64_t offset) {
  if (type == 0 || type >= types.size() || types[type].bytes == 0) return std::nullopt;
  const Type& one = types[type];
  const auto inside = field_at(types, type, offset % one.bytes);
  if (!inside) return std::nullopt;
  return one.name + (bytes == one.bytes ? "" : "[" + std::to_string(offset / one.bytes) + "]") + *inside;
}

}  // namespace baton::traces::format
