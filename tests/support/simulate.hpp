#pragma once
// Simulations for tests: each in a child, its measurements by name.

#include <algorithm>
#include <cinttypes>
#include <functional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocols/core/registry.hpp"
#include "sim/machine/simulate.hpp"
#include "tests/support/child.hpp"

namespace baton::test {

using sim::MachineParameters;
using sim::ProtocolChoice;
using sim::RunOptions;

/// What a run measured, or how it failed.
class Result {
 public:
  explicit Result(const Ended& ended) {
    if (ended.how == Ended::How::other) throw std::runtime_error("simulation: " + ended.text);
    if (ended.how == Ended::How::run_failure) failure = ended.text;
    if (ended.how == Ended::How::input_error) input_error = ended.text;
    if (ended.how == Ended::How::value) parse(ended.text);
  }

  std::string failure;      ///< RunFailure's report; empty: none
  std::string input_error;  ///< InputError's text

  bool ok() const { return failure.empty() && input_error.empty(); }
  bool exists(const std::string& name) const { return find(name) != "-"; }
  std::uint64_t operator[](const std::string& name) const {
    const std::string text = find(name);
    if (text[0] != 'u') throw std::logic_error(name + " is no count: " + text);
    return std::stoull(text.substr(1));
  }
  double real(const std::string& name) const {
    const std::string text = find(name);
    return text[0] == 'u' ? static_cast<double>((*this)[name]) : std::strtod(text.c_str() + 1, nullptr);
  }
  const std::vector<std::pair<std::string, std::string>>& columns() const { return columns_; }

 private:
  void parse(const std::string& text) {
    std::istringstream lines(text);
    for (std::string name, value; lines >> name >> value;) columns_.emplace_back(name, value);
  }
  const std::string& find(const std::string& name) const {
    if (!ok()) throw std::runtime_error("the simulation failed: " + failure + input_error);
    for (const auto& [column, value] : columns_)
      if (column == name) return value;
    throw std::logic_error("no measurement " + name);
  }

  std::vector<std::pair<std::string, std::string>> columns_;
};

inline std::string written(const std::vector<sim::Measurement>& rows) {
  std::string text;
  for (const auto& row : rows) {
    char buffer[64] = "-";
    if (const auto* count = std::get_if<std::uint64_t>(&row.value))
      std::snprintf(buffer, sizeof buffer, "u%" PRIu64, *count);
    else if (const auto* real = std::get_if<double>(&row.value))
      std::snprintf(buffer, sizeof buffer, "d%a", *real);
    text += row.name + " " + buffer + "\n";
  }
  return text;
}

inline Result run_machine(const MachineParameters& machine, const ProtocolChoice& protocol,
                          traces::Workload& workload, const RunOptions& options = {}) {
  return Result(in_child([&] { return written(sim::simulate(machine, protocol, workload, options)); }));
}
inline Result run_machine(const MachineParameters& machine, const ProtocolChoice& protocol,
                          traces::Workload&& workload, const RunOptions& options = {}) {
  return run_machine(machine, protocol, workload, options);
}

/// The columns that differ, "" if none does: for CHECK(difference(a, b) == "").
inline std::string difference(const Result& a, const Result& b) {
  if (!a.ok() || !b.ok()) return "failed: " + a.failure + a.input_error + b.failure + b.input_error;
  if (a.columns().size() != b.columns().size()) return "other columns";
  std::string text;
  for (std::size_t i = 0; i < a.columns().size(); ++i)
    if (a.columns()[i] != b.columns()[i])
      text +=
          a.columns()[i].first + ": " + a.columns()[i].second + " against " + b.columns()[i].second + "\n";
  return text;
}

/// A protocol under given options, with a readable label.
struct NamedChoice {
  std::string label;
  ProtocolChoice choice;
};

/// So few of a protocol's variants that each value of each option occurs.
inline std::vector<OptionValues> covering_variants(const ProtocolInfo& protocol) {
  const auto variants = all_variants(protocol);
  std::vector<OptionValues> chosen{variants.front()};
  std::set<std::pair<std::string, std::string>> covered(variants.front().begin(), variants.front().end());
  for (;;) {
    const auto gain = [&](const OptionValues& options) {
      return std::ranges::count_if(options, [&](const auto& value) { return covered.count(value) == 0; });
    };
    const auto best = std::ranges::max_element(variants, {}, gain);
    if (gain(*best) == 0) return chosen;
    chosen.push_back(*best);
    covered.insert(best->begin(), best->end());
  }
}

/// Every protocol, each with every value of its options.
inline std::vector<NamedChoice> every_choice() {
  std::vector<NamedChoice> all;
  for (const auto* protocol : all_protocols())
    for (const auto& options : covering_variants(*protocol)) {
      NamedChoice named{std::string(protocol->name()), {std::string(protocol->name()), options}};
      for (const auto& [name, value] : options) named.label += " " + name + "=" + value;
      all.push_back(named);
    }
  return all;
}

inline const ProtocolChoice full_map{"mesi", {{"directory", "full_map"}}};
inline const ProtocolChoice broadcast{"mesi", {{"directory", "broadcast"}}};
inline const ProtocolChoice migrate{"ownership", {{"reads", "migrate"}}};
inline const ProtocolChoice snapshot{"ownership", {{"reads", "snapshot"}}};
inline const ProtocolChoice ideal_migrate{"ownership", {{"reads", "migrate"}, {"transfer", "ideal"}}};

/// A machine whose line n has its home at node n % cores, on a topology; meshes of a prime number of nodes
/// are lines.
inline MachineParameters machine_of(std::uint32_t cores, const std::string& topology = "ideal") {
  MachineParameters machine;
  machine.cores = cores;
  machine.home.interleave = "modulo";
  machine.home.llc_slice_bytes = 64 * 1024;
  machine.memory.controllers = 1;
  machine.network.topology = topology;
  bool prime = true;
  for (std::uint32_t d = 2; d * d <= cores; ++d) prime = prime && cores % d != 0;
  if (prime) machine.network.columns = cores;
  machine.network.clusters = cores % 2 == 0 ? 2 : 1;
  return machine;
}

}  // namespace baton::test
