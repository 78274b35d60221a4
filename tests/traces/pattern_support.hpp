#pragma once
// What the tests of patterns share.

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "traces/synthetic/workload.hpp"

namespace baton::traces::test {

inline const Pattern& pattern(const std::string& name) {
  const Pattern* found = find_pattern(name);
  REQUIRE(found != nullptr);
  return *found;
}

inline ParameterValues values(const std::string& name,
                              std::initializer_list<std::pair<const char*, double>> set = {}) {
  ParameterValues result(pattern(name).parameters());
  for (const auto& [parameter, value] : set) result.set(parameter, value);
  return result;
}

/// To its end, `batch` at a time. A spinning core finds the flag changed by one at each load.
inline std::vector<Operation> drain(OperationStream& stream, std::size_t batch = 64) {
  std::vector<Operation> all;
  std::vector<Operation> out(stream.value_dependent() ? 1 : batch);
  std::uint64_t content = 0;
  while (const std::size_t n = stream.next(out)) {
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
    if (stream.value_dependent()) {
      content += out[0].kind == Kind::spin ? 1 : 0;
      content = stream.perform(out[0], content);
    }
  }
  return all;
}

inline std::vector<Operation> run(const std::string& name, const ParameterValues& chosen, int cores, int core,
                                  std::uint64_t seed = 1, std::size_t batch = 64) {
  SyntheticWorkload workload(pattern(name), chosen, cores, seed, 64);
  return drain(*workload.stream(core), batch);
}

inline double fraction(const std::vector<Operation>& operations, Kind kind) {
  std::size_t n = 0;
  for (const Operation& operation : operations) n += operation.kind == kind ? 1 : 0;
  return static_cast<double>(n) / static_cast<double>(operations.size());
}

inline std::uint64_t line_of(const Operation& operation) {
  return (operation.address - region_bytes) / 64;
}

/// The cores that touch each line.
inline std::map<std::uint64_t, std::set<int>> sharers(const std::string& name, const ParameterValues& chosen,
                                                      int cores) {
  std::map<std::uint64_t, std::set<int>> result;
  for (int core = 0; core < cores; ++core) {
    for (const Operation& operation : run(name, chosen, cores, core)) result[line_of(operation)].insert(core);
  }
  return result;
}

}  // namespace baton::traces::test
