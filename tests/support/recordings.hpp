#pragma once
// Recorded orders that a test makes up: a global history of accesses, as streams with awaits and advances.

#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/workloads.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::test {

inline Operation await_of(std::uint64_t counter, std::uint32_t value) {
  return {.address = counter, .gap_cycles = value, .kind = Kind::await, .completes = false};
}
inline Operation advance_of(std::uint64_t counter, std::uint32_t value) {
  return {.address = counter, .gap_cycles = value, .kind = Kind::advance, .completes = false};
}

/// Streams with gates, written out.
class Gated final : public traces::Workload {
 public:
  Gated(std::vector<std::vector<Operation>> programs, traces::Gates gates)
      : programs_(std::move(programs)), gates_(gates) {}
  int cores() const override { return programs_.cores(); }
  std::unique_ptr<traces::OperationStream> stream(int core) override { return programs_.stream(core); }
  traces::Gates gates() const override { return gates_; }

 private:
  Programs programs_;
  traces::Gates gates_;
};

/// What threads did, at random: private accesses, and accesses to a few shared lines in a recorded order.
struct History {
  std::uint32_t threads = 4;
  std::uint64_t seed = 1;
  std::size_t operations = 400;  ///< of all threads
  std::uint64_t shared = 3;      ///< lines with a recorded order
  std::uint64_t lines = 12;      ///< others
  std::uint32_t most_gap = 20;
  double ordered = 0.3;

  std::vector<std::vector<Operation>> streams() const {
    std::vector<std::vector<Operation>> all(threads);
    std::map<std::uint64_t, std::uint32_t> turns;
    traces::Random random(seed, 77);
    for (std::size_t i = 0; i < operations; ++i) {
      auto& stream = all[random.below(threads)];
      const auto gap = static_cast<std::uint32_t>(random.below(most_gap + 1));
      if (random.unit() >= ordered) {
        stream.push_back(
            access(random.below(3) == 0 ? Kind::store : Kind::load, 100 + random.below(lines), gap));
        continue;
      }
      const std::uint64_t line = random.below(shared);
      const std::uint32_t turn = turns[line]++;
      stream.push_back(await_of(line, turn));
      stream.push_back(access(random.below(4) == 0 ? Kind::store : Kind::rmw, line, gap));
      stream.push_back(advance_of(line, turn + 1));
    }
    return all;
  }
  Gated workload(traces::Gates gates) const { return {streams(), gates}; }
};

/// The same with the values that the ordered accesses found: a stream fails when it finds another.
class Remembered final : public traces::Workload {
 public:
  explicit Remembered(const History& history) : streams_(history.streams()) {}
  int cores() const override { return static_cast<int>(streams_.size()); }
  traces::Gates gates() const override { return traces::Gates::obeyed; }
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
      const Operation& operation = operations_[at_++];
      // All ordered accesses write, so the turn of one is the value that it finds.
      if (operation.kind == Kind::await) turns_[operation.address].push_back(operation.gap_cycles);
      out.front() = operation;
      return 1;
    }
    std::uint64_t perform(const Operation& operation, std::uint64_t seen) override {
      const std::uint64_t line = operation.address / line_bytes;
      if (line < 100) {
        auto& turns = turns_[line];
        if (turns.empty() || turns.front() != seen)
          throw std::runtime_error("line " + std::to_string(line) + " has " + std::to_string(seen));
        turns.erase(turns.begin());
      }
      return OperationStream::perform(operation, seen);
    }

   private:
    std::vector<Operation> operations_;
    std::size_t at_ = 0;
    std::map<std::uint64_t, std::vector<std::uint64_t>> turns_;
  };
  std::vector<std::vector<Operation>> streams_;
};

}  // namespace baton::test
