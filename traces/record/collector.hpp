#pragma once
// Empties the chunks that the program's threads fill, and writes their records to the file.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "traces/format/writer.hpp"
#include "traces/record/runtime/shared.hpp"
#include "traces/record/symbols.hpp"

namespace baton::record {

class Collector {
 public:
  Collector(Control& control, traces::format::Writer& writer) : control_(control), writer_(writer) {}

  /// Full chunks; false if there was none.
  bool collect();
  /// The program has ended: also those that its threads were filling, and the names of its data.
  void finish();

  std::uint64_t records() const { return records_; }
  /// Empty if no file of the program says so.
  std::string compiler() { return symbols_.compiler(); }

 private:
  void empty(Chunk& chunk);
  std::uint32_t location(std::uint64_t code, std::uint32_t context);
  std::uint32_t find_location(std::uint64_t code, std::uint32_t context);
  std::uint32_t allocation(const traces::format::Record& record, std::uint64_t code);
  const Place& place(std::uint64_t code);
  void find_modules();

  struct Recent {
    std::uint64_t code = 0;
    std::uint32_t context = 0;
    std::uint32_t location = 0;
  };
  struct KnownCode {
    std::uint32_t location = 0;
    bool users = false;  ///< the same in every context
  };

  Control& control_;
  traces::format::Writer& writer_;
  Symbols symbols_;
  std::uint32_t modules_ = 0;  ///< that symbols_ knows
  std::uint32_t threads_ = 0;  ///< that the writer knows
  std::uint64_t records_ = 0;
  std::unordered_map<std::uint64_t, Place> places_;
  std::vector<Recent> recent_ = std::vector<Recent>(4096);  ///< a cache of find_location()
  std::unordered_map<std::uint64_t, KnownCode> codes_;
  std::unordered_map<std::uint64_t, std::unordered_map<std::uint32_t, std::uint32_t>> in_context_;
  std::unordered_map<std::uint64_t, std::uint32_t> allocated_;  ///< number of the type, by code
  std::unordered_map<std::uint64_t, std::uint32_t> typed_;      ///< locations with types, by both numbers
  std::vector<traces::format::Record> buffer_ = std::vector<traces::format::Record>(chunk_slots);
};

}  // namespace baton::record
