#pragma once
// Names of a program's code and data, from its own debug information.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traces/format/record.hpp"

namespace baton::record {

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
  /// The compiler as the program's file states it, with its options; empty if it does not.
  std::string compiler();

 private:
  struct Files;
  std::unique_ptr<Files> files_;
};

}  // namespace baton::record
