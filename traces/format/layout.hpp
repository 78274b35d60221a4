#pragma once
// How a program's data lies in memory: so that an offset into a variable has the name of a field.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::traces::format {

/// What lies in a type at an offset. Members of a union, and bit fields of one byte, overlap.
struct Member {
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t bytes = 0;
  std::uint32_t type = 0;  ///< number of its Type; 0: nothing inside has a name
  std::string name;  ///< empty: what it has belongs to the type itself (a base class, an unnamed struct)

  bool operator==(const Member&) const = default;
};

/// A struct, class or union; or an array. Types are numbered from 1, and consist of types of lower numbers.
struct Type {
  std::string name;  ///< of what allocations are of; else empty
  std::uint64_t bytes = 0;
  std::uint64_t element_bytes = 0;  ///< of an array; 0: it is none
  std::uint32_t element = 0;        ///< of an array: number of its elements' type, or 0
  std::vector<Member> members;

  bool operator==(const Type&) const = default;
};
inline constexpr std::uint32_t maximum_types = 1U << 16;
inline constexpr std::size_t maximum_members = 1024;  ///< of a type

/// What lies `offset` bytes into data of a type, as it is written behind the data's name: "[3].hits", or
/// ".(a|b)" where members overlap; empty if nothing inside has a name; nothing if that is padding. `types`
/// by number.
std::optional<std::string> field_at(const std::vector<Type>& types, std::uint32_t type, std::uint64_t offset);

/// The same in an allocation of so many bytes, which holds one or several of a type: "Node[3].next". Nothing
/// if the type is unknown.
std::optional<std::string> field_in_allocation(const std::vector<Type>& types, std::uint32_t type,
                                               std::uint64_t bytes, std::uint64_t offset);

}  // namespace baton::traces::format
