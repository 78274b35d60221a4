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

/// Headers of the C++ and C libraries and other installed ones: the user wants to see the own line that used
/// them.
bool of_system(const std::string& file) {
  return file.empty() || file.starts_with("/usr/include/") || file.starts_with("/usr/lib/") ||
         file.find("/include/c++/") != std::string::npos || file.ends_with("/baton/record.h") || file.starts_with("<");
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

/// Name of the file of a number in the unit's line table.
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

/// The compilation unit of each range of code. (libdw's own table is that of .debug_aranges, which clang does
/// not write.)
class Units {
 public:
  explicit Units(Dwfl_Module* module) {
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(module, unit, &bias_)) != nullptr) {
      Dwarf_Addr base = 0, begin = 0, end = 0;
      for (std::ptrdiff_t at = 0; (at = dwarf_ranges(unit, at, &base, &begin, &end)) > 0;) {
        ranges_[begin] = {end, unit};
      }
    }
  }
  /// Of an address in memory, or null.
  Dwarf_Die* at(Dwarf_Addr address) const {
    const auto after = ranges_.upper_bound(address - bias_);
    if (after == ranges_.begin()) return nullptr;
    const auto& [end, unit] = std::prev(after)->second;
    return address - bias_ < end ? unit : nullptr;
  }
  Dwarf_Addr bias() const { return bias_; }

 private:
  std::map<Dwarf_Addr, std::pair<Dwarf_Addr, Dwarf_Die*>> ranges_;
  Dwarf_Addr bias_ = 0;
};

struct Symbols::Files {
  Dwfl* dwfl = dwfl_begin(&callbacks);
  Dwfl_Module* program = nullptr;
  std::map<Dwfl_Module*, Units> used;  ///< files of the user

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

  const Units& units = files_->used.try_emplace(module, module).first->second;
  const Dwarf_Addr bias = units.bias();
  Dwarf_Die* const unit = units.at(address);
  Dwarf_Line* const line = unit == nullptr ? nullptr : dwarf_getsrc_die(unit, address - bias);
  if (line == nullptr) return result;
  int number = 0;
  dwarf_lineno(line, &number);
  Location here{result.location.function, normal(dwarf_linesrc(line, nullptr, nullptr)),
                static_cast<std::uint32_t>(number)};

  // From the innermost inlined function outwards: each says where it was called in the next.
  Dwarf_Die* scopes = nullptr;
  const int found = dwarf_getscopes(unit, address - bias, &scopes);
  int count = 0;
  Dwarf_Die* chain = nullptr;
  if (found > 0) count = dwarf_getscopes_die(&scopes[0], &chain);
  bool first = true;
  for (int i = 0; i < count; ++i) {
    const int tag = dwarf_tag(&chain[i]);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    if (const std::string name = function_name(&chain[i]); !name.empty()) here.function = name;
    if (first) result.location = here;
    first = false;
    if (!of_system(here.file)) {
      result = {here, true};
      break;
    }
    if (tag == DW_TAG_subprogram) break;
    here.file = file_name(unit, number_attribute(&chain[i], DW_AT_call_file));
    here.line = static_cast<std::uint32_t>(number_attribute(&chain[i], DW_AT_call_line));
  }
  if (first) result = {here, !of_system(here.file)};
  std::free(chain);
  std::free(scopes);
  return result;
}

std::vector<DataSymbol> Symbols::variables() {
  std::vector<DataSymbol> result;
  for (const auto& [module, units] : files_->used) {
    const int count = dwfl_module_getsymtab(module);
    for (int i = 1; i < count; ++i) {
      GElf_Sym symbol;
      GElf_Addr address = 0;
      GElf_Word section = 0;
      const char* const name =
          dwfl_module_getsym_info(module, i, &symbol, &address, &section, nullptr, nullptr);
      if (name == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT) continue;
      if (symbol.st_size == 0 || section == SHN_UNDEF || section == SHN_ABS) continue;
      result.push_back({address, symbol.st_size, demangled(name)});
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
