#pragma once
// The layout of a program's data, from its debug information (DWARF 4 and 5).

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <elfutils/libdw.h>

#include "traces/format/layout.hpp"

namespace baton::record {

class Types {
 public:
  /// A unit of debug information, which stays open as long as this: a type that another one only declares may
  /// be there.
  void add(Dwarf_Die* unit) { units_.push_back(*unit); }

  /// Addresses, as the file has them, of the variables of a unit, each with the number of its type and the
  /// name in the source. Those of thread storage have none.
  struct Variable {
    std::uint32_t type = 0;  ///< 0: nothing inside has a name
    std::string name;
  };
  void find_variables(Dwarf_Die* unit, std::map<Dwarf_Addr, Variable>& variables);

  /// What memory holds that one of these functions has asked for: the functions at the place of the call, the
  /// innermost last. Known are the allocators and std::make_unique of the C++ library, whose template
  /// parameter says it; of a plain `new` or malloc debug information has no type. 0 if unknown.
  std::uint32_t allocated(std::vector<Dwarf_Die> functions);

  /// By number - 1.
  const std::vector<traces::format::Type>& all() const { return types_; }

 private:
  std::uint32_t number(Dwarf_Die type, int depth);
  std::uint32_t of_class(Dwarf_Die type, int depth);
  std::uint32_t of_array(Dwarf_Die type, int depth);
  void add_member(Dwarf_Die* member, int depth, traces::format::Type& type);
  bool add_variable(Dwarf_Die* die, std::map<Dwarf_Addr, Variable>& variables);
  std::uint32_t named(Dwarf_Die type);
  std::uint32_t store(traces::format::Type type);
  /// The type that an attribute refers to, without typedef, const, …; defined, or false.
  bool type_of(Dwarf_Die* die, Dwarf_Die& type);
  bool define(Dwarf_Die& type);
  void find_definitions(Dwarf_Die* parent, const std::string& scope);

  std::vector<Dwarf_Die> units_;
  std::unordered_map<const void*, std::uint32_t> numbers_;  ///< by place of the type's entry
  std::map<std::string, std::uint32_t> known_;              ///< types that are the same in several units
  std::vector<traces::format::Type> types_;
  std::map<std::string, Dwarf_Die> definitions_;  ///< by qualified name
  bool definitions_found_ = false;
};

}  // namespace baton::record
