#pragma once
// Waiting between failed attempts on one word, as an option of locks and of compare-and-swap loops.
//
// Exponential: Anderson, "The performance of spin lock alternatives for shared-memory multiprocessors",
// IEEE TPDS 1(1), 1990; with a random delay below a limit that doubles, as in Herlihy and Shavit, "The art of
// multiprocessor programming", 7.4.

#include <algorithm>
#include <string>

#include "traces/programs/parts/parameters.hpp"

namespace baton::programs {

inline constexpr std::string_view backoff_choices[] = {"none", "constant", "exponential"};

inline constexpr Parameter backoff_parameters[] = {
    {"backoff", Parameter::Type::choice, 0, 0, std::size(backoff_choices) - 1, "",
     "how long a thread waits after a failed attempt: not at all, backoff_min_cycles, or a random time below "
     "a "
     "limit that doubles from backoff_min_cycles to backoff_max_cycles",
     backoff_choices},
    {"backoff_min_cycles", Parameter::Type::integer, 32, 1, 1e9, "cycles",
     "the wait, or the first limit of an exponential backoff"},
    {"backoff_max_cycles", Parameter::Type::integer, 1024, 1, 1e9, "cycles",
     "the last limit of an exponential backoff"},
};

inline std::vector<ParameterError> check_backoff(const ParameterValues& values) {
  const std::uint64_t min = values.integer("backoff_min_cycles"), max = values.integer("backoff_max_cycles");
  if (values.choice("backoff") != "exponential" || min <= max) return {};
  return {{"backoff_max_cycles", "the limit would shrink, found " + std::to_string(max) +
                                     ", allowed backoff_min_cycles (" + std::to_string(min) + ") or more"}};
}

class Backoff {
 public:
  explicit Backoff(const ParameterValues& values)
      : exponential_(values.choice("backoff") == "exponential"),
        min_(values.choice("backoff") == "none" ? 0 : values.integer("backoff_min_cycles")),
        max_(values.integer("backoff_max_cycles")) {}

  /// The waits of one operation.
  class Delays {
   public:
    /// How long to wait now, in cycles: after the first failure, the second, ...
    std::uint64_t next(Thread& t) {
      if (!backoff_.exponential_) return backoff_.min_;
      const std::uint64_t delay = 1 + t.random().below(limit_);
      limit_ = std::min(2 * limit_, backoff_.max_);
      return delay;
    }

   private:
    friend Backoff;
    explicit Delays(const Backoff& backoff) : backoff_(backoff), limit_(backoff.min_) {}
    const Backoff& backoff_;
    std::uint64_t limit_;
  };
  Delays delays() const { return Delays(*this); }

 private:
  bool exponential_;
  std::uint64_t min_;  // 0: none
  std::uint64_t max_;
};

}  // namespace baton::programs
