#pragma once
// Names of a program's code and data, from its own debug information.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traces/format/layout.hpp"
#include "traces/format/record.hpp"

namespace baton::record {

/// Headers of the C++ and C libraries and other installed ones: the user wants to see the own line that used
/// them.
bool of_system(const std::string& file);

/// Where code lies in the source.
struct Place {
  traces::format::Location location;
  bool users = false;  ///< in a source file of the user, not in a header of the system or in a file unknown
};

class Symbols {
 public:
  Symbols();
  ~Symbols();

  /// A file of code is loaded at `base`. What cannot be read has no names.
  void add(const std::string& path, std::uint64_t base);
  /// The code before a return address. Of functions that were inlined there the innermost one of the user,
  /// else the innermost.
  Place place(std::uint64_t return_address);
  /// Of the user's files of whose code a place has been asked for.
  std::vector<traces::format::DataSymbol> variables();
  /// What the memory is of that the code before a return address has asked for: the number of a type, 0 if
  /// that is not known.
  std::uint32_t allocated(std::uint64_t return_address);
  /// Of what has been asked for, by number - 1.
  const std::vector<traces::format::Type>& types() const;
  /// The compiler as the program's file states it, with its options; empty if it does not.
  std::string compiler();

 private:
  struct Files;
  std::unique_ptr<Files> files_;
};

}  // namespace baton::record
