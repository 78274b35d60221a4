#pragma once
// Near or far? A core's predictor of where its next read-modify-write of a line is done best: in its cache,
// or at the home. Real cores have static policies (Cortex-A76 Technical Reference Manual, 100798, A6.4.1:
// near if the line is unique in the L1, else far, or configured to try near first); dynamic predictors are
// studied by Soria-Pardos et al., DynAMO: Improving Parallelism Through Dynamic Placement of Atomic Memory
// Operations, ISCA 2023. This one is simple on purpose; its two numbers are round.

#include <array>
#include <cstdint>
#include <optional>

#include "sim/machine/shared.hpp"

namespace baton::sim {

/// A small direct-mapped table by line. A line that was fetched for writing and taken away before it was
/// written again has been fetched for nothing; after `far_after` times in a row its atomics go far, and after
/// `near_again_after` of those the next one tries the cache again.
class FarPredictor {
 public:
  static constexpr std::uint8_t far_after = 2;
  static constexpr std::uint8_t near_again_after = 16;

  /// Where a read-modify-write that misses is done.
  bool is_far(LineNumber line) {
    if (forced_) return *forced_;
    Record& record = record_of(line);
    if (record.line != line || record.losses < far_after) return false;
    if (record.sent_far++ < near_again_after) return true;
    record.losses = far_after - 1;
    record.sent_far = 0;
    return false;
  }
  /// From now on it always says so: for scripts, which choose every step.
  void force(bool is_far) { forced_ = is_far; }
  /// The cache has got the line for writing; its access has left this content.
  void filled(LineNumber line, Value content) {
    Record& record = record_of(line);
    if (record.line != line) record = {line, 0, 0, 0};
    record.content = content;
  }
  /// Another core has taken the line away, which had this content: the same, if it was not written again.
  void lost(LineNumber line, Value content) {
    Record& record = record_of(line);
    if (record.line != line) return;
    if (record.content != content)
      record.losses = 0;
    else if (record.losses < far_after)
      ++record.losses;
  }

 private:
  struct Record {
    LineNumber line = ~LineNumber{0};
    Value content = 0;
    std::uint8_t losses = 0;  // in a row
    std::uint8_t sent_far = 0;
  };
  Record& record_of(LineNumber line) { return records_[mix(line) % records_.size()]; }

  std::array<Record, 64> records_{};
  std::optional<bool> forced_;
};

}  // namespace baton::sim
