#include "traces/record/types.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <dwarf.h>

#include "traces/record/symbols.hpp"

namespace baton::record {
namespace {

using traces::format::Member;
using traces::format::Type;

/// Of a class: it has no data. (0: data of which nothing inside has a name.)
constexpr std::uint32_t nothing = ~std::uint32_t{0};
constexpr int most_depth = 32;
constexpr std::size_t most_name = 200;  // bytes; names of templates can be of any length

std::string name_of(Dwarf_Die* die) {
  const char* const name = dwarf_diename(die);
  return name == nullptr ? "" : name;
}

std::string shortened(std::string name) {
  if (name.size() > most_name) name = name.substr(0, most_name) + "...";
  return name;
}

bool has(Dwarf_Die* die, unsigned attribute) {
  return dwarf_hasattr(die, attribute) != 0;
}

/// False if the attribute is missing or no constant.
bool constant(Dwarf_Die* die, unsigned name, Dwarf_Word& value) {
  Dwarf_Attribute attribute;
  return dwarf_attr_integrate(die, name, &attribute) != nullptr && dwarf_formudata(&attribute, &value) == 0;
}

bool is_class(Dwarf_Die* die) {
  const int tag = dwarf_tag(die);
  return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

/// Declared in a header of the C or C++ library: users know its interface, not its members.
bool of_library(Dwarf_Die* die) {
  const char* const file = dwarf_decl_file(die);
  return file != nullptr && of_system(file);
}

template <class F>
void each_child(Dwarf_Die* parent, F f) {
  Dwarf_Die child;
  if (dwarf_child(parent, &child) != 0) return;
  do {
    f(&child);
  } while (dwarf_siblingof(&child, &child) == 0);
}

/// The class or function that this one is an instance of, with what is declared of it.
Dwarf_Die declaration(Dwarf_Die die) {
  for (const unsigned name : {DW_AT_abstract_origin, DW_AT_specification}) {
    Dwarf_Attribute attribute;
    Dwarf_Die other;
    if (dwarf_attr(&die, name, &attribute) != nullptr && dwarf_formref_die(&attribute, &other) != nullptr)
      die = other;
  }
  return die;
}

/// What encloses an entry, from the inside; the entry itself first.
std::vector<Dwarf_Die> scopes_of(Dwarf_Die die) {
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes_die(&die, &scopes);
  const std::unique_ptr<Dwarf_Die, decltype(&std::free)> owner(scopes, std::free);
  return count <= 0 ? std::vector<Dwarf_Die>{} : std::vector<Dwarf_Die>(scopes, scopes + count);
}

/// "a::b::C"; empty if that is not one class of the whole program: without a name, or within a function.
std::string qualified_name(Dwarf_Die type) {
  std::string name;
  for (Dwarf_Die& scope : scopes_of(type)) {
    const int tag = dwarf_tag(&scope);
    if (tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit || tag == DW_TAG_type_unit) return name;
    const std::string part = name_of(&scope);
    if (part.empty() || (tag != DW_TAG_namespace && !is_class(&scope))) return "";
    name = name.empty() ? part : part + "::" + name;
  }
  return "";
}

/// A template whose name does not tell its arguments (-gsimple-template-names): many have that name.
bool is_ambiguous(Dwarf_Die* type, const std::string& name) {
  bool parameters = false;
  each_child(type, [&](Dwarf_Die* child) {
    const int tag = dwarf_tag(child);
    parameters =
        parameters || tag == DW_TAG_template_type_parameter || tag == DW_TAG_template_value_parameter;
  });
  return parameters && name.find('<') == std::string::npos;
}

bool template_argument(Dwarf_Die* die, Dwarf_Die& argument) {
  bool found = false;
  each_child(die, [&](Dwarf_Die* child) {
    if (!found && dwarf_tag(child) == DW_TAG_template_type_parameter) {
      argument = *child;
      found = true;
    }
  });
  return found;
}

/// The offset of a member or base class in its class; false if it is not the same in all objects.
bool offset_of(Dwarf_Die* member, Dwarf_Word& offset) {
  offset = 0;
  Dwarf_Attribute attribute;
  if (dwarf_attr(member, DW_AT_data_member_location, &attribute) == nullptr) return true;
  if (dwarf_formudata(&attribute, &offset) == 0) return true;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1) return false;
  offset = operations[0].number;
  return operations[0].atom == DW_OP_plus_uconst;
}

/// The bytes that a bit field touches.
void place_bits(Dwarf_Die* member, Dwarf_Word bits, Member& place) {
  Dwarf_Word first = 0;  // from the class' beginning
  Dwarf_Word from_top = 0;
  if (constant(member, DW_AT_data_bit_offset, first)) {
  } else if (constant(member, DW_AT_bit_offset, from_top)) {  // DWARF 3, and g++ with DWARF 4
    Dwarf_Word bytes = place.bytes;
    constant(member, DW_AT_byte_size, bytes);
    first = 8 * place.offset + 8 * bytes - from_top - bits;
  } else {
    first = 8 * place.offset;
  }
  place.offset = first / 8;
  place.bytes = (first + bits - 1) / 8 - place.offset + 1;
}

}  // namespace

bool Types::type_of(Dwarf_Die* die, Dwarf_Die& type) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(die, DW_AT_type, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &type) == nullptr || dwarf_peel_type(&type, &type) != 0) {
    return false;
  }
  return define(type);
}

/// clang defines a class only in the unit that has its constructor.
bool Types::define(Dwarf_Die& type) {
  if (!has(&type, DW_AT_declaration)) return true;
  const std::string name = qualified_name(type);
  if (name.empty() || is_ambiguous(&type, name_of(&type))) return false;
  if (!definitions_found_)
    for (Dwarf_Die& unit : units_) find_definitions(&unit, "");
  definitions_found_ = true;
  const auto found = definitions_.find(name);
  if (found == definitions_.end()) return false;
  type = found->second;
  return true;
}

void Types::find_definitions(Dwarf_Die* parent, const std::string& scope) {
  each_child(parent, [&](Dwarf_Die* child) {
    if (dwarf_tag(child) != DW_TAG_namespace && !is_class(child)) return;
    const std::string name = name_of(child);
    if (name.empty() || is_ambiguous(child, name)) return;
    if (is_class(child) && !has(child, DW_AT_declaration)) definitions_.emplace(scope + name, *child);
    find_definitions(child, scope + name + "::");
  });
}

std::uint32_t Types::store(Type type) {
  std::string key = type.name + "\n" + std::to_string(type.bytes) + " " + std::to_string(type.element_bytes) +
                    " " + std::to_string(type.element);
  for (const Member& member : type.members)
    key += "\n" + member.name + " " + std::to_string(member.offset) + " " + std::to_string(member.bytes) +
           " " + std::to_string(member.type);
  if (types_.size() == traces::format::maximum_types) return 0;
  const auto [known, added] = known_.try_emplace(key, static_cast<std::uint32_t>(types_.size() + 1));
  if (added) types_.push_back(std::move(type));
  return known->second;
}

std::uint32_t Types::number(Dwarf_Die type, int depth) {
  if (depth == most_depth) return 0;
  const auto known = numbers_.find(type.addr);
  if (known != numbers_.end()) return known->second;
  const std::uint32_t result = is_class(&type)                         ? of_class(type, depth)
                               : dwarf_tag(&type) == DW_TAG_array_type ? of_array(type, depth)
                                                                       : 0;
  numbers_[type.addr] = result;
  return result;
}

void Types::add_member(Dwarf_Die* die, int depth, Type& type) {
  Dwarf_Die inside;
  Dwarf_Word bytes = 0;
  Dwarf_Word bits = 0;
  Member member{.name = dwarf_tag(die) == DW_TAG_inheritance ? "" : shortened(name_of(die))};
  if (has(die, DW_AT_external) || has(die, DW_AT_declaration)) return;  // a static one
  if (has(die, DW_AT_virtuality) || !offset_of(die, member.offset) || !type_of(die, inside)) return;
  if (dwarf_aggregate_size(&inside, &bytes) != 0 || bytes == 0) return;
  member.bytes = bytes;
  if (constant(die, DW_AT_bit_size, bits) && bits != 0) place_bits(die, bits, member);
  member.type = number(inside, depth + 1);
  if (member.type == nothing || type.members.size() == traces::format::maximum_members) return;
  type.members.push_back(std::move(member));
}

std::uint32_t Types::of_class(Dwarf_Die die, int depth) {
  const bool library = of_library(&die);
  Dwarf_Word bytes = 0;
  if (dwarf_aggregate_size(&die, &bytes) != 0) return 0;
  // The room for an element in nodes of the C++ library's containers, which has a constructed one.
  const std::string name = name_of(&die);
  Dwarf_Die argument;
  Dwarf_Die element;
  if (library && (name.starts_with("__aligned_membuf<") || name.starts_with("__aligned_buffer<")) &&
      template_argument(&die, argument) && type_of(&argument, element)) {
    return number(element, depth + 1);
  }
  Type type;
  type.bytes = bytes;
  each_child(&die, [&](Dwarf_Die* child) {
    const int tag = dwarf_tag(child);
    if (tag == DW_TAG_member || tag == DW_TAG_inheritance) add_member(child, depth, type);
  });
  if (type.members.empty()) return nothing;
  // A union of the library is one thing to its users, and a class around one thing is that: std::atomic.
  if (library && dwarf_tag(&die) == DW_TAG_union_type) return 0;
  if (library && type.members.size() == 1 && type.members[0].offset == 0) return type.members[0].type;
  return store(std::move(type));
}

std::uint32_t Types::of_array(Dwarf_Die die, int depth) {
  Dwarf_Die element;
  Dwarf_Word all = 0;
  Type type;
  if (has(&die, DW_AT_GNU_vector) || has(&die, DW_AT_byte_stride) || !type_of(&die, element)) return 0;
  if (dwarf_aggregate_size(&die, &all) != 0 || dwarf_aggregate_size(&element, &type.element_bytes) != 0 ||
      type.element_bytes == 0) {
    return 0;
  }
  std::vector<Dwarf_Word> counts;  // of dimensions, the outermost first
  each_child(&die, [&](Dwarf_Die* child) {
    Dwarf_Word count = 0;
    if (dwarf_tag(child) != DW_TAG_subrange_type) return;
    if (!constant(child, DW_AT_count, count) && constant(child, DW_AT_upper_bound, count)) ++count;
    counts.push_back(count);
  });
  type.element = number(element, depth + 1);
  if (type.element == nothing) return nothing;
  Dwarf_Word bytes = type.element_bytes;
  std::uint32_t result = 0;
  for (std::size_t i = counts.size(); i-- > 0;) {
    if (counts[i] == 0 || bytes > all / counts[i]) return 0;
    bytes *= counts[i];
    type.bytes = bytes;
    result = store(type);
    type.element = result;
    type.element_bytes = bytes;
  }
  return result;
}

bool Types::add_variable(Dwarf_Die* die, std::map<Dwarf_Addr, Variable>& variables) {
  Dwarf_Attribute location;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr(die, DW_AT_location, &location) == nullptr ||
      dwarf_getlocation(&location, &operations, &count) != 0 || count == 0 || count > 2) {
    return false;
  }
  Dwarf_Addr address = operations[0].number;
  if (operations[0].atom == DW_OP_addrx || operations[0].atom == DW_OP_GNU_addr_index) {
    Dwarf_Attribute indirect;
    if (dwarf_getlocation_attr(&location, operations, &indirect) != 0 ||
        dwarf_formaddr(&indirect, &address) != 0) {
      return false;
    }
  } else if (operations[0].atom != DW_OP_addr) {
    return false;
  }
  if (count == 2 && operations[1].atom != DW_OP_plus_uconst) return false;
  if (count == 2) address += operations[1].number;
  Variable variable;
  Dwarf_Attribute name;
  if (dwarf_attr_integrate(die, DW_AT_name, &name) != nullptr) {
    const char* const text = dwarf_formstring(&name);
    variable.name = text == nullptr ? "" : text;
  }
  Dwarf_Die type;
  if (type_of(die, type)) variable.type = number(type, 0);
  if (variable.type == nothing) variable.type = 0;
  variables.try_emplace(address, std::move(variable));
  return true;
}

void Types::find_variables(Dwarf_Die* parent, std::map<Dwarf_Addr, Variable>& variables) {
  each_child(parent, [&](Dwarf_Die* child) {
    if (dwarf_tag(child) == DW_TAG_variable) add_variable(child, variables);
    find_variables(child, variables);
  });
}

std::uint32_t Types::named(Dwarf_Die type) {
  Dwarf_Word bytes = 0;
  if (dwarf_aggregate_size(&type, &bytes) != 0 || bytes == 0) return 0;
  const std::uint32_t inside = number(type, 0);
  Type result = inside == 0 || inside == nothing ? Type{} : types_[inside - 1];
  result.bytes = bytes;
  result.name = is_class(&type) ? qualified_name(type) : "";
  if (result.name.empty()) result.name = name_of(&type);
  Dwarf_Die target;
  if (dwarf_tag(&type) == DW_TAG_pointer_type)
    result.name = (type_of(&type, target) ? name_of(&target) : "void") + "*";
  result.name = shortened(result.name);
  return result.name.empty() ? 0 : store(std::move(result));
}

std::uint32_t Types::allocated(std::vector<Dwarf_Die> functions) {
  Dwarf_Die parameter;
  for (std::size_t i = functions.size(); i-- > 0;) {
    Dwarf_Die function = declaration(functions[i]);
    if (!of_library(&function)) return 0;
    const std::string name = name_of(&function);
    const bool innermost = i + 1 == functions.size();
    bool found = false;
    if (name == "allocate") {
      const std::vector<Dwarf_Die> scopes = scopes_of(function);
      Dwarf_Die allocator = scopes.size() > 1 ? scopes[1] : function;
      const std::string of = name_of(&allocator);
      if (of.starts_with("__new_allocator<") || of.starts_with("new_allocator<") ||
          of.starts_with("allocator<")) {
        found = template_argument(&allocator, parameter);
      }
    } else if (innermost && name.starts_with("make_unique<")) {
      found = template_argument(&functions[i], parameter) || template_argument(&function, parameter);
    }
    Dwarf_Die type;
    if (found) {
      if (!type_of(&parameter, type) || dwarf_tag(&type) == DW_TAG_array_type) return 0;
      return named(type);
    }
    if (!name.starts_with("__libcpp_")) return 0;
  }
  return 0;
}

}  // namespace baton::record
