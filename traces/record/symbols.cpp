#include "traces/record/symbols.hpp"

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include "traces/record/types.hpp"

namespace baton::record {
namespace {

using traces::format::DataSymbol;
using traces::format::Location;

std::string demangled(const char* name) {
  if (name == nullptr) return "";
  if (name[0] != '_' || name[1] != 'Z') return name;  // of C: "m" would become "unsigned long"
  int status = 0;
  char* const text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 && text != nullptr ? text : name;
  std::free(text);
  return result;
}

std::string function_name(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    if (dwarf_attr_integrate(die, name, &attribute) != nullptr)
      return demangled(dwarf_formstring(&attribute));
  }
  const char* const plain = dwarf_diename(die);
  return plain == nullptr ? "" : plain;
}

std::string normal(const char* file) {
  return file == nullptr ? "" : std::filesystem::path(file).lexically_normal().string();
}

/// Name of the file with a number in the unit's line table.
std::string file_name(Dwarf_Die* unit, Dwarf_Word number) {
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_getsrcfiles(unit, &files, &count) != 0 || number >= count) return "";
  return normal(dwarf_filesrc(files, number, nullptr, nullptr));
}

Dwarf_Word number_attribute(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(die, name, &attribute) != nullptr) dwarf_formudata(&attribute, &value);
  return value;
}

/// Over the network, if the system is set up so: a recording must not wait for that.
int find_debuginfo(Dwfl_Module* module, void** userdata, const char* name, Dwarf_Addr base, const char* file,
                   const char* link, GElf_Word crc, char** found) {
  if (std::getenv("DEBUGINFOD_URLS") != nullptr) return -1;
  return dwfl_standard_find_debuginfo(module, userdata, name, base, file, link, crc, found);
}

bool is_of_system(Dwfl_Module* module) {
  const char* file = nullptr;
  dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, &file, nullptr);
  const std::string path = file == nullptr ? "" : file;
  return path.starts_with("/lib") || path.starts_with("/usr/lib");
}

const Dwfl_Callbacks callbacks{dwfl_build_id_find_elf, find_debuginfo, dwfl_offline_section_address, nullptr};

}  // namespace

bool of_system(const std::string& file) {
  return file.empty() || file.starts_with("/usr/include/") || file.starts_with("/usr/lib/") ||
         file.find("/include/c++/") != std::string::npos || file.ends_with("/baton/record.h") ||
         file.starts_with("<");
}

/// Ranges of addresses in a file, each with its entry of debug information.
class Ranges {
 public:
  void add(Dwarf_Die* die) {
    Dwarf_Addr base = 0, begin = 0, end = 0;
    for (std::ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &begin, &end)) > 0;) {
      ranges_[begin] = {end, *die};
    }
  }
  Dwarf_Die* at(Dwarf_Addr address) {
    const auto after = ranges_.upper_bound(address);
    if (after == ranges_.begin()) return nullptr;
    auto& [end, die] = std::prev(after)->second;
    return address < end ? &die : nullptr;
  }

 private:
  std::map<Dwarf_Addr, std::pair<Dwarf_Addr, Dwarf_Die>> ranges_;
};

/// Functions, also those of classes that are local to others, which libdw's search for scopes does not find.
void add_functions(Dwarf_Die* parent, Ranges& functions) {
  Dwarf_Die child;
  if (dwarf_child(parent, &child) != 0) return;
  do {
    if (dwarf_tag(&child) == DW_TAG_subprogram) functions.add(&child);
    add_functions(&child, functions);
  } while (dwarf_siblingof(&child, &child) == 0);
}

/// A file of the user.
class File {
 public:
  explicit File(Dwfl_Module* module) {
    // (libdw's own table of units is that of .debug_aranges, which clang does not write.)
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(module, unit, &bias_)) != nullptr) {
      units_.add(unit);
      all_units_.push_back(*unit);
    }
  }
  std::vector<Dwarf_Die>& all_units() { return all_units_; }
  Dwarf_Addr bias() const { return bias_; }
  Dwarf_Die* unit(Dwarf_Addr address) { return units_.at(address); }

  /// The function with the address, then what was inlined there, the innermost last.
  std::vector<Dwarf_Die> functions(Dwarf_Die* unit, Dwarf_Addr address) {
    const auto [known, added] = functions_.try_emplace(dwarf_dieoffset(unit));
    if (added) add_functions(unit, known->second);
    std::vector<Dwarf_Die> result;
    Dwarf_Die* const function = known->second.at(address);
    if (function == nullptr) return result;
    result.push_back(*function);
    Dwarf_Die child;
    for (Dwarf_Die scope = *function; dwarf_child(&scope, &child) == 0;) {
      bool found = false;
      do {
        const int tag = dwarf_tag(&child);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) continue;
        found = dwarf_haspc(&child, address) > 0;
        if (found && tag == DW_TAG_inlined_subroutine) result.push_back(child);
      } while (!found && dwarf_siblingof(&child, &child) == 0);
      if (!found) break;
      scope = child;
    }
    return result;
  }

 private:
  Ranges units_;
  std::vector<Dwarf_Die> all_units_;       ///< also those without code
  std::map<Dwarf_Off, Ranges> functions_;  ///< of each unit that has been asked for
  Dwarf_Addr bias_ = 0;
};

struct Symbols::Files {
  Dwfl* dwfl = dwfl_begin(&callbacks);
  Dwfl_Module* program = nullptr;
  std::map<Dwfl_Module*, File> used;
  Types types;

  /// A file whose names have been asked for.
  File& use(Dwfl_Module* module) {
    const auto [place, added] = used.try_emplace(module, module);
    if (added)
      for (Dwarf_Die& unit : place->second.all_units()) types.add(&unit);
    return place->second;
  }
  ~Files() { dwfl_end(dwfl); }
};

Symbols::Symbols() : files_(std::make_unique<Files>()) {}
Symbols::~Symbols() = default;

void Symbols::add(const std::string& path, std::uint64_t base) {
  dwfl_report_begin_add(files_->dwfl);
  Dwfl_Module* const module = dwfl_report_elf(files_->dwfl, path.c_str(), path.c_str(), -1, base, true);
  dwfl_report_end(files_->dwfl, nullptr, nullptr);
  if (files_->program == nullptr) files_->program = module;
}

Place Symbols::place(std::uint64_t return_address) {
  Place result;
  const Dwarf_Addr address = return_address - 1;
  Dwfl_Module* const module = dwfl_addrmodule(files_->dwfl, address);
  if (module == nullptr) return result;
  GElf_Off offset = 0;
  GElf_Sym symbol;
  result.location.function =
      demangled(dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr));
  if (is_of_system(module)) return result;

  File& code = files_->use(module);
  const Dwarf_Addr in_file = address - code.bias();
  Dwarf_Die* const unit = code.unit(in_file);
  Dwarf_Line* const line = unit == nullptr ? nullptr : dwarf_getsrc_die(unit, in_file);
  if (line == nullptr) return result;
  int number = 0;
  dwarf_lineno(line, &number);
  Location here{result.location.function, normal(dwarf_linesrc(line, nullptr, nullptr)),
                static_cast<std::uint32_t>(number)};

  // From the innermost inlined function outwards: each says where it was called in the next.
  std::vector<Dwarf_Die> functions = code.functions(unit, in_file);
  for (std::size_t i = functions.size(); i-- > 0;) {
    Dwarf_Die* const function = &functions[i];
    if (const std::string name = function_name(function); !name.empty()) here.function = name;
    if (!of_system(here.file)) return {here, true};
    if (i + 1 == functions.size()) result.location = here;
    here.file = file_name(unit, number_attribute(function, DW_AT_call_file));
    here.line = static_cast<std::uint32_t>(number_attribute(function, DW_AT_call_line));
  }
  if (functions.empty()) result = {here, !of_system(here.file)};
  return result;
}

std::uint32_t Symbols::allocated(std::uint64_t return_address) {
  const Dwarf_Addr address = return_address - 1;
  Dwfl_Module* const module = dwfl_addrmodule(files_->dwfl, address);
  if (module == nullptr || is_of_system(module)) return 0;
  File& code = files_->use(module);
  Dwarf_Die* const unit = code.unit(address - code.bias());
  return unit == nullptr ? 0 : files_->types.allocated(code.functions(unit, address - code.bias()));
}

const std::vector<traces::format::Type>& Symbols::types() const {
  return files_->types.all();
}

std::vector<DataSymbol> Symbols::variables() {
  std::vector<DataSymbol> result;
  for (auto& [module, file] : files_->used) {
    std::map<Dwarf_Addr, Types::Variable> described;
    for (Dwarf_Die& unit : file.all_units()) files_->types.find_variables(&unit, described);
    const int count = dwfl_module_getsymtab(module);
    for (int i = 1; i < count; ++i) {
      GElf_Sym symbol;
      GElf_Addr address = 0;
      GElf_Word section = 0;
      const char* const name =
          dwfl_module_getsym_info(module, i, &symbol, &address, &section, nullptr, nullptr);
      if (name == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT) continue;
      if (symbol.st_size == 0 || section == SHN_UNDEF || section == SHN_ABS) continue;
      DataSymbol& variable = result.emplace_back(DataSymbol{address, symbol.st_size, demangled(name)});
      const auto known = described.find(address - file.bias());
      if (known == described.end()) continue;
      variable.type = known->second.type;
      // A function's own in C: "name.0", or "function.name".
      if (std::string_view(name).find('.') != std::string_view::npos && !known->second.name.empty())
        variable.name = known->second.name;
    }
  }
  return result;
}

std::string Symbols::compiler() {
  Dwarf_Die* unit = nullptr;
  Dwarf_Addr bias = 0;
  while (files_->program != nullptr && (unit = dwfl_module_nextcu(files_->program, unit, &bias)) != nullptr) {
    Dwarf_Attribute attribute;
    if (dwarf_srclang(unit) == DW_LANG_Mips_Assembler) continue;
    if (dwarf_attr(unit, DW_AT_producer, &attribute) == nullptr) continue;
    if (const char* const name = dwarf_formstring(&attribute)) return name;
  }
  return "";
}

}  // namespace baton::record
