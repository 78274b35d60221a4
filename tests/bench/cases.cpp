#include "tests/bench/cases.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <systemc>
#include <vector>

#include <sys/resource.h>

#include "sim/machine/contended_lines.hpp"
#include "sim/machine/simulate.hpp"
#include "traces/synthetic/pattern.hpp"
#include "traces/synthetic/workload.hpp"

namespace baton::bench {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::uint64_t resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

struct Notifier : sc_core::sc_module {
  SC_HAS_PROCESS(Notifier);
  Notifier(const sc_core::sc_module_name& name, std::uint32_t seed, std::uint64_t& total)
      : sc_module(name), state(seed), count(total) {
    SC_METHOD(tick);
  }
  void tick() {
    ++count;
    state = state * 1664525U + 1013904223U;
    next_trigger(sc_core::sc_time(1.0 + (state >> 28), sc_core::SC_NS));
  }
  std::uint32_t state;
  std::uint64_t& count;
};

std::uint64_t metric(const std::vector<sim::Measurement>& measured, std::string_view name) {
  for (const auto& m : measured)
    if (m.name == name) return std::get<std::uint64_t>(m.value);
  return 0;
}

Run simulate(const sim::MachineParameters& machine, traces::Workload& workload, std::string_view items,
             const sim::RunOptions& options = {}) {
  const std::uint64_t before = resident_bytes();
  const auto start = std::chrono::steady_clock::now();
  const auto measured = sim::simulate(machine, sim::ProtocolChoice{}, workload, options);
  return {metric(measured, items), seconds_since(start), resident_bytes() - before};
}

sim::MachineParameters machine_of(int cores) {
  sim::MachineParameters machine;  // the defaults: 32 KiB caches, a mesh with 16-byte links
  machine.cores = static_cast<std::uint32_t>(cores);
  return machine;
}

// A core's recorded accesses, replayed again and again, to lines of its own that fit the cache. With misses
// one of 100 goes to another line: each pass takes other ones, and they come again when the cache has long
// replaced them.
class RecordedTrace : public traces::OperationStream {
 public:
  RecordedTrace(int core, std::uint64_t accesses, bool with_misses) : left_(accesses) {
    std::uint64_t state = static_cast<std::uint64_t>(core) + 1;
    const auto random = [&state] {
      return (state = state * 6364136223846793005U + 1442695040888963407U) >> 33;
    };
    const std::uint64_t base = (static_cast<std::uint64_t>(core) + 1) << 32;
    std::uint64_t fresh = 0;
    for (auto& operation : recorded_) {
      const bool misses = random() % 100 == 0 && with_misses;
      if (misses) misses_.push_back(&operation);
      const std::uint64_t line = misses ? 512 + fresh++ : random() % 256;
      operation.address = base + line * 64 + random() % 8 * 8;
      operation.kind = random() % 4 == 0 ? traces::Kind::store : traces::Kind::load;
    }
  }
  std::size_t next(std::span<traces::Operation> out) override {
    const std::size_t count = std::min<std::uint64_t>({out.size(), left_, recorded_.size() - at_});
    std::copy_n(recorded_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    if (at_ == recorded_.size()) start_again();
    left_ -= count;
    return count;
  }

 private:
  std::vector<traces::Operation> recorded_ = std::vector<traces::Operation>(4096);
  void start_again() {
    at_ = 0;
    constexpr std::uint64_t span = 64 * 64;  // more than the misses of a pass
    pass_ = (pass_ + 1) % 32;
    for (auto* operation : misses_) operation->address += pass_ == 0 ? -31 * span : span;
  }

  std::vector<traces::Operation*> misses_;
  std::uint64_t left_;
  std::size_t at_ = 0;
  std::uint64_t pass_ = 0;
};

class RecordedWorkload : public traces::Workload {
 public:
  RecordedWorkload(int cores, std::uint64_t accesses, bool with_misses) {
    for (int core = 0; core < cores; ++core)
      streams_.push_back(std::make_unique<RecordedTrace>(core, accesses, with_misses));
  }
  int cores() const override { return static_cast<int>(streams_.size()); }
  std::unique_ptr<traces::OperationStream> stream(int core) override {
    return std::move(streams_[static_cast<std::size_t>(core)]);
  }

 private:
  std::vector<std::unique_ptr<RecordedTrace>> streams_;
};

}  // namespace

Run bare_notifications(int modules) {
  std::uint64_t count = 0;
  std::vector<std::unique_ptr<Notifier>> all;
  for (int i = 0; i < modules; ++i)
    all.push_back(std::make_unique<Notifier>(("notifier_" + std::to_string(i)).c_str(),
                                             static_cast<std::uint32_t>(i + 1), count));
  // A module notifies every 8.5 ns on average.
  const double span_ns = 5e6 * 8.5 / modules;
  const auto start = std::chrono::steady_clock::now();
  sc_core::sc_start(sc_core::sc_time(span_ns, sc_core::SC_NS));
  return {count, seconds_since(start), 0};
}

namespace {

Run exchange(int cores, const sim::RunOptions& options, std::string_view topology = "mesh") {
  const traces::Pattern& pattern = *traces::find_pattern("uniform");
  traces::ParameterValues values(pattern.parameters());
  values.set("operations_per_core", 1'000'000.0 / cores);
  values.set("work_cycles", 2);
  values.set("lines", 16.0 * cores);
  values.set("read_fraction", 0.7);
  traces::SyntheticWorkload workload(pattern, values, cores, 1, 64);
  sim::MachineParameters machine = machine_of(cores);
  machine.network.topology = topology;
  return simulate(machine, workload, "messages", options);
}

Run replay(int cores, double accesses, const sim::RunOptions& options, bool with_misses = true) {
  RecordedWorkload workload(cores, static_cast<std::uint64_t>(accesses / cores), with_misses);
  return simulate(machine_of(cores), workload, "hits", options);
}

}  // namespace

Run messages(int cores) {
  return exchange(cores, {});
}

Run messages_by_crossbar(int cores) {
  return exchange(cores, {}, "crossbar");
}

Run messages_by_ideal(int cores) {
  return exchange(cores, {}, "ideal");
}

Run messages_with_lines(int cores) {
  sim::LineTable lines;
  sim::RunOptions options;
  options.lines = &lines;
  return exchange(cores, options);
}

Run hits(int cores) {
  return replay(cores, 67e6, {});
}

Run hits_alone(int cores) {
  return replay(cores, 67e6, {}, false);
}

Run exact_hits(int cores) {
  sim::RunOptions options;
  options.exact_events = true;
  return replay(cores, 6.7e6, options);
}

}  // namespace baton::bench
