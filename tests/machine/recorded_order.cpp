// Replay in the recorded order: is it obeyed, does it never deadlock, is deviation measured, and are results
// the same however the machine streams?

#include <catch2/catch.hpp>

#include "tests/support/recordings.hpp"
#include "tests/support/shapes.hpp"
#include "traces/gates.hpp"
#include "traces/import/thread_program.hpp"

using namespace baton;
using namespace baton::test;
using traces::Gates;

namespace {

struct Shape {
  std::string name;
  std::uint32_t sets = 16, ways = 4;
  std::string consistency = "sc";
  std::uint32_t outstanding_loads = 1;
  std::uint32_t slow_cores = 0;

  MachineParameters machine(std::uint32_t cores, const ProtocolChoice& protocol) const {
    const bool snoops = find_protocol(protocol.name)->snoops();
    MachineParameters machine = machine_of(cores, snoops ? "bus" : "mesh");
    set_cache(machine, sets, ways);
    machine.core.consistency = consistency;
    machine.core.outstanding_loads = outstanding_loads;
    machine.core.slow_cores = slow_cores;
    return machine;
  }
};
const std::vector<Shape> shapes{{"plain"},
                                {"tiny caches", 1, 2},
                                {"store buffers", 4, 2, "tso"},
                                {"four loads at once", 4, 2, "sc", 4},
                                {"a slow core", 4, 4, "sc", 1, 1}};

Gated two_cores(std::uint32_t gap, Gates gates) {
  return {{{await_of(5, 0), access(Kind::rmw, 1, gap), advance_of(5, 1)},
           {await_of(5, 1), access(Kind::rmw, 1), advance_of(5, 2)}},
          gates};
}

Gated crossed(Gates gates) {
  return {{{await_of(1, 1), access(Kind::rmw, 1), advance_of(2, 1)},
           {await_of(2, 1), access(Kind::rmw, 2), advance_of(1, 1)}},
          gates};
}

traces::ThreadedTrace on_cores(const History& history, Gates gates, std::uint32_t cores) {
  return {std::make_unique<Gated>(history.streams(), gates), cores, 64};
}

/// Critical sections under one lock: each reads a line, works, and writes it.
std::vector<std::vector<Operation>> sections(std::uint32_t threads, std::uint32_t times) {
  std::vector<std::vector<Operation>> all(threads);
  for (std::uint32_t thread = 0; thread < threads; ++thread)
    for (std::uint32_t i = 0; i < times; ++i)
      for (const Operation& operation :
           {access(Kind::load, 100 + thread, 13 * thread), await_of(traces::lock_counter(64), 1),
            access(Kind::rmw, 1), access(Kind::load, 2), access(Kind::store, 2, 20), access(Kind::rmw, 1),
            advance_of(traces::lock_counter(64), 1)})
        all[thread].push_back(operation);
  return all;
}

/// The same, failing where another thread has written between the read and the write.
class Exclusive final : public traces::Workload {
 public:
  explicit Exclusive(std::vector<std::vector<Operation>> streams) : streams_(std::move(streams)) {}
  int cores() const override { return static_cast<int>(streams_.size()); }
  Gates gates() const override { return Gates::obeyed; }
  std::unique_ptr<traces::OperationStream> stream(int core) override {
    return std::make_unique<Stream>(streams_[static_cast<std::size_t>(core)]);
  }

 private:
  class Stream final : public traces::OperationStream {
   public:
    explicit Stream(std::vector<Operation> operations) : operations_(std::move(operations)) {}
    bool value_dependent() const override { return true; }
    std::size_t next(std::span<Operation> out) override {
      if (at_ == operations_.size()) return 0;
      out.front() = operations_[at_++];
      return 1;
    }
    std::uint64_t perform(const Operation& operation, std::uint64_t seen) override {
      if (operation.address / line_bytes == 2) {
        if (operation.kind == Kind::store && seen != read_) throw std::runtime_error("no exclusion");
        read_ = seen;
      }
      return OperationStream::perform(operation, seen);
    }

   private:
    std::vector<Operation> operations_;
    std::size_t at_ = 0;
    std::uint64_t read_ = 0;
  };
  std::vector<std::vector<Operation>> streams_;
};

}  // namespace

TEST_CASE("the replay of a recorded counter gives the recorded values") {
  for (const auto& named : every_choice())
    for (const auto& shape : shapes)
      for (const std::uint64_t seed : {1U, 2U}) {
        Remembered workload({.seed = seed});
        CAPTURE(named.label, shape.name, seed);
        const Result result = run_machine(shape.machine(4, named.choice), named.choice, workload);
        CHECK(result.failure == "");
        CHECK(result["order_deviations"] == 0);
      }
}

TEST_CASE("a recorded order ends whatever the machine, and measures the same with and without exact events") {
  for (const auto& named : every_choice())
    for (const auto& shape : shapes)
      for (const Gates gates : {Gates::obeyed, Gates::observed}) {
        const History history{.threads = 6, .seed = 3, .operations = 900, .ordered = 0.2};
        const MachineParameters machine = shape.machine(6, named.choice);
        RunOptions exact;
        exact.exact_events = true;
        CAPTURE(named.label, shape.name, gates == Gates::obeyed);
        const Result fast = run_machine(machine, named.choice, history.workload(gates));
        CHECK(difference(fast, run_machine(machine, named.choice, history.workload(gates), exact)) == "");
        if (gates == Gates::obeyed) CHECK(fast["order_deviations"] == 0);
      }
}

TEST_CASE("an access waits until the one before it has completed, and not a cycle longer") {
  const MachineParameters machine = machine_of(2);
  for (const std::uint32_t gap : {0U, 1U, 7U, 500U}) {
    const Result first = run_machine(machine, full_map, Programs({{access(Kind::rmw, 1, gap)}, {}}));
    const Result both = run_machine(machine, full_map, two_cores(gap, Gates::obeyed));
    CAPTURE(gap);
    // The second core issues its access a cycle after the first one's has completed.
    CHECK(both["stall_cycles_order"] == first["cycles"] + 1);
    // What it then takes is what it takes without having waited.
    const Result apart =
        run_machine(machine, full_map, Programs({{access(Kind::rmw, 1, gap)}, {access(Kind::rmw, 1, 2000)}}));
    CHECK(both["cycles"] - (first["cycles"] + 1) == apart["cycles"] - 2000);
  }
}

TEST_CASE("work before an access is done before it waits for its turn") {
  const MachineParameters machine = machine_of(2);
  const auto workload = [](std::uint32_t work) {
    return Gated({{await_of(5, 0), access(Kind::rmw, 1, 700), advance_of(5, 1)},
                  {await_of(5, 1), access(Kind::rmw, 1, work)}},
                 Gates::obeyed);
  };
  const Result none = run_machine(machine, full_map, workload(0));
  const Result some = run_machine(machine, full_map, workload(300));
  CHECK(some["cycles"] == none["cycles"]);
  CHECK(some["stall_cycles_order"] == none["stall_cycles_order"] - 300);
}

TEST_CASE("an advance waits for loads that are on their way, and for stores that are buffered") {
  MachineParameters machine = machine_of(2);
  const auto stall = [&](Kind kind) {
    return run_machine(machine, full_map,
                       Gated({{access(kind, 2), advance_of(5, 1)}, {await_of(5, 1), access(Kind::rmw, 1)}},
                             Gates::obeyed))["stall_cycles_order"];
  };
  const std::uint64_t load = stall(Kind::load);
  const std::uint64_t store = stall(Kind::store);
  machine.core.outstanding_loads = 4;
  // The one load that is counted as done when its data come, and not hit_cycles later.
  CHECK(stall(Kind::load) == load - machine.cache.hit_cycles);
  machine.core.outstanding_loads = 1;
  machine.core.consistency = "tso";
  // A cycle to retire; then as above.
  CHECK(stall(Kind::store) == store - machine.cache.hit_cycles + 1);
}

TEST_CASE("in free order nothing waits, and what comes too early is counted") {
  const MachineParameters machine = machine_of(3);
  const auto workload = [](Gates gates) {
    return Gated({{await_of(9, 0), access(Kind::rmw, 1, 900), advance_of(9, 1)},
                  {await_of(9, 1), access(Kind::rmw, 1, 600), advance_of(9, 2)},
                  {await_of(9, 2), access(Kind::rmw, 1), advance_of(9, 3)}},
                 gates);
  };
  const Result free = run_machine(machine, full_map, workload(Gates::observed));
  CHECK(free["order_accesses"] == 3);
  CHECK(free["order_deviations"] == 1);  // the third, two turns too early; then the counter is ahead
  CHECK(free["order_displacement_max"] == 2);
  CHECK(free.real("order_displacement_mean") == 2);
  CHECK(free["stall_cycles_order"] == 0);
  const Result ordered = run_machine(machine, full_map, workload(Gates::obeyed));
  CHECK(ordered["order_deviations"] == 0);
  CHECK(!ordered.exists("order_displacement_mean"));
  CHECK(ordered["cycles"] > free["cycles"]);
}

TEST_CASE("streams without gates have no columns for them") {
  const Result plain = run_machine(machine_of(2), full_map, Programs({{access(Kind::rmw, 1)}, {}}));
  for (const auto& [name, value] : plain.columns()) CHECK(name.find("order") == std::string::npos);
}

TEST_CASE("a corrupt order is reported with who waits for what") {
  for (const bool exact : {false, true}) {
    RunOptions options;
    options.exact_events = exact;
    const Result stuck = run_machine(machine_of(2), full_map, crossed(Gates::obeyed), options);
    CHECK(stuck.failure.find("deadlock") != std::string::npos);
    CHECK(stuck.failure.find("core 0 waits since cycle 0 for counter 1 of the recorded order to reach 1; it "
                             "stands at 0") != std::string::npos);
    CHECK(stuck.failure.find("core 1 waits since cycle 0 for counter 2") != std::string::npos);
    CHECK(run_machine(machine_of(2), full_map, crossed(Gates::observed), options).ok());
  }
}

TEST_CASE("the first core alone waits for nobody") {
  RunOptions options;
  options.first_core_only = true;
  CHECK(run_machine(machine_of(2), full_map, crossed(Gates::obeyed), options).ok());
}

TEST_CASE("more threads than cores wait for their turn without a deadlock") {
  const History history{.threads = 8, .operations = 600};
  const Result whole = run_machine(machine_of(8), full_map, history.workload(Gates::obeyed));
  for (const ProtocolChoice& protocol : {full_map, migrate})
    for (const std::uint32_t cores : {1U, 3U, 8U, 10U})
      for (const bool steal : {false, true})
        for (const std::string consistency : {"sc", "tso"}) {
          MachineParameters machine = machine_of(cores);
          machine.system.steal = steal;
          machine.system.time_slice_ps = 2'000'000;
          machine.core.consistency = consistency;
          CAPTURE(protocol.name, cores, steal, consistency);
          const Result result = run_machine(machine, protocol, on_cores(history, Gates::obeyed, cores));
          CHECK(result.failure == "");
          CHECK(result["order_deviations"] == 0);
          CHECK(result["operations"] == whole["operations"]);
          CHECK(result["accesses"] == whole["accesses"]);
          CHECK(result["order_accesses"] == whole["order_accesses"]);
        }
}

TEST_CASE("more threads than cores wait for their turn under every protocol") {
  const History history{.threads = 7, .seed = 5, .operations = 500, .ordered = 0.4};
  for (const auto& named : every_choice())
    for (const std::uint32_t cores : {1U, 2U, 4U}) {
      MachineParameters machine = Shape{}.machine(cores, named.choice);
      machine.system.time_slice_ps = 2'000'000;
      CAPTURE(named.label, cores);
      const Result result = run_machine(machine, named.choice, on_cores(history, Gates::obeyed, cores));
      CHECK(result.failure == "");
      CHECK(result["order_deviations"] == 0);
    }
}

TEST_CASE("threads that have a core each take as long as streams do") {
  for (const double ordered : {0.0, 0.1, 0.5}) {
    const History history{.threads = 4, .operations = 500, .ordered = ordered};
    const Result streams = run_machine(machine_of(4), full_map, history.workload(Gates::obeyed));
    const Result threads = run_machine(machine_of(4), full_map, on_cores(history, Gates::obeyed, 4));
    CAPTURE(ordered);
    for (const char* column : {"cycles", "misses", "invalidations", "messages", "order_accesses"})
      CHECK(threads[column] == streams[column]);
    if (ordered > 0) CHECK(threads["thread_cycles_order"] == streams["stall_cycles_order"]);
  }
}

TEST_CASE("a corrupt order under the operating system is reported with the threads that wait") {
  traces::ThreadedTrace stuck(std::make_unique<Gated>(crossed(Gates::obeyed)), 1, 64);
  const Result result = run_machine(machine_of(1), full_map, stuck);
  CHECK(result.failure.find("thread 0 waits since cycle") != std::string::npos);
  CHECK(result.failure.find("for counter 2 of the recorded order to reach 1; it stands at 0") !=
        std::string::npos);
}

TEST_CASE("a lock has one core at a time, under every protocol") {
  for (const auto& named : every_choice())
    for (const auto& shape : shapes) {
      if (shape.consistency == "tso")
        continue;  // a store is performed late, but before the lock is given back
      Exclusive workload(sections(4, 20));
      CAPTURE(named.label, shape.name);
      const Result result = run_machine(shape.machine(4, named.choice), named.choice, workload);
      CHECK(result.failure == "");
      CHECK(result["stall_cycles_order"] > 0);
    }
}

TEST_CASE("locks go to whoever came first, on cores and under the operating system") {
  const Gated streams(sections(6, 20), Gates::obeyed);
  const Result exact = [&] {
    RunOptions options;
    options.exact_events = true;
    return run_machine(machine_of(6), full_map, Gated(streams), options);
  }();
  CHECK(difference(run_machine(machine_of(6), full_map, Gated(streams)), exact) == "");
  for (const std::uint32_t cores : {1U, 2U, 4U, 6U, 8U}) {
    traces::ThreadedTrace threads(std::make_unique<Gated>(streams), cores, 64);
    CAPTURE(cores);
    const Result result = run_machine(machine_of(cores), full_map, threads);
    CHECK(result.failure == "");
    CHECK(result["order_accesses"] == exact["order_accesses"]);
  }
  // In free order nobody waits, and who comes while another has it deviates.
  const Result free = run_machine(machine_of(6), full_map, Gated(sections(6, 20), Gates::observed));
  CHECK(free["stall_cycles_order"] == 0);
  CHECK(free["order_deviations"] > 0);
}

TEST_CASE("locks that are taken in two orders are reported") {
  const traces::Address first = traces::lock_counter(0x40);
  const traces::Address second = traces::lock_counter(0x80);
  const auto crossing = [](traces::Address one, traces::Address other) {
    return std::vector<Operation>{await_of(one, 1),     access(Kind::rmw, 1), await_of(other, 1),
                                  access(Kind::rmw, 2), advance_of(other, 1), advance_of(one, 1)};
  };
  const Result stuck = run_machine(machine_of(2), full_map,
                                   Gated({crossing(first, second), crossing(second, first)}, Gates::obeyed));
  CHECK(stuck.failure.find("deadlock") != std::string::npos);
  CHECK(stuck.failure.find("for the lock 0x80") != std::string::npos);
  CHECK(stuck.failure.find("for the lock 0x40") != std::string::npos);
}

TEST_CASE("a condition lets as many waits pass as there were signals") {
  const traces::Address signals = traces::sum_counter(0x40);
  const auto result = [&](std::uint32_t waits) {
    std::vector<Operation> waiter;
    for (std::uint32_t i = 1; i <= waits; ++i) {
      waiter.push_back(await_of(signals, i));
      waiter.push_back(access(Kind::load, 3));
    }
    return run_machine(machine_of(3), full_map,
                       Gated({{access(Kind::rmw, 1, 300), advance_of(signals, 1)},
                              {access(Kind::rmw, 2, 900), advance_of(signals, 1)},
                              waiter},
                             Gates::obeyed));
  };
  CHECK(result(2).failure == "");
  CHECK(result(2)["cycles"] > 900);
  CHECK(result(1)["cycles"] == result(0)["cycles"]);  // the other signal's thread ends last
  CHECK(result(3).failure.find("for signal 3 of the condition 0x40; it stands at 2") != std::string::npos);
}
