#pragma once
// What a program's results are told apart by. A program asks its Setup for a name once, and uses the number
// it gets: no string is looked at while the program runs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::programs {

/// A kind of operation ("enqueue"): throughput and latency are given for each.
struct OperationKind {
  std::uint16_t number = 0;
};
/// A part of the program ("CAS2"), for shares of time and the profile. Phases nest.
struct PhaseName {
  std::uint16_t number = 0;
};
/// A counter ("cas_failures").
struct Counter {
  std::uint16_t number = 0;
};
/// A place at which pre-emption can be injected ("before_cas1").
struct PreemptionPoint {
  std::uint16_t number = 0;
};

/// Names by number, each once.
class NameList {
 public:
  /// The name's number, a new one if it is new. Throws std::invalid_argument unless it has 1 to 60 letters,
  /// digits or '_': names become parts of columns' names.
  std::uint16_t intern(std::string_view name);
  /// -1: there is no such name.
  int find(std::string_view name) const;
  const std::vector<std::string>& all() const { return names_; }
  std::size_t size() const { return names_.size(); }
  const std::string& operator[](std::size_t number) const { return names_[number]; }

 private:
  std::vector<std::string> names_;
};

struct Names {
  NameList kinds;
  NameList phases;
  NameList counters;
  NameList preemption_points;
};

}  // namespace baton::programs
