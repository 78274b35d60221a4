#include <string>

#include "traces/programs/parts/lock.hpp"

namespace baton::programs {
namespace {

constexpr Parameter own_parameters[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "acquisitions by each thread"},
    lock_parameter(LockKind::test_and_test_and_set),
    {"critical_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles",
     "work while the lock is held, between the load and the store of the first counter"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles",
     "other work between a release and the next acquisition"},
    {"counters", Parameter::Type::integer, 1, 1, 1024, "", "words to each of which the holder adds one"},
    placement_parameter("placement", "how the lock's words, its nodes and the counters lie in lines"),
    padding_parameter(),
};
constexpr auto table = joined(own_parameters, lock_parameters, backoff_parameters);

class LockCounter final : public Instance {
 public:
  explicit LockCounter(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        critical_cycles_(setup.parameters.integer("critical_cycles")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        threads_(setup.threads()),
        lock_(make_lock(setup, placement_of(setup.parameters, "placement"))),
        counters_(setup.memory.array(setup.parameters.integer("counters"), 1,
                                     placement_of(setup.parameters, "placement"))),
        increment_(setup.kind("increment")),
        acquire_(setup.phase("acquire")),
        critical_(setup.phase("critical")),
        release_(setup.phase("release")),
        inside_(setup.preemption_point("inside_critical_section")) {}

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(increment_);
      t.enter(acquire_);
      co_await lock_->acquire(t);
      t.leave();
      co_await add_to_all(t);
      t.enter(release_);
      co_await lock_->release(t);
      t.leave();
      t.end();
      co_await t.compute(work_cycles_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    const std::uint64_t expected = operations_ * threads_;
    for (std::uint64_t i = 0; i < counters_.size; ++i) {
      const std::uint64_t found = memory.last(counters_[i]);
      if (found != expected)
        return "counter " + std::to_string(i) + " is " + std::to_string(found) + ", but " +
               std::to_string(expected) + " times one was added to it under the lock";
    }
    if (!lock_->is_free(memory)) return "all threads have ended, but the lock is not free";
    return {};
  }

 private:
  // By load and store: if two threads were inside at once, an addition would be lost.
  Task<> add_to_all(Thread& t) {
    const auto phase = t.phase(critical_);
    for (std::uint64_t i = 0; i < counters_.size; ++i) {
      const std::uint64_t value = co_await t.load(counters_[i]);
      if (i == 0) {
        co_await t.preemption_point(inside_);
        co_await t.compute(critical_cycles_);
      }
      co_await t.store(counters_[i], value + 1);
    }
  }

  std::uint64_t operations_;
  std::uint64_t critical_cycles_;
  std::uint64_t work_cycles_;
  std::uint64_t threads_;
  std::unique_ptr<Lock> lock_;
  Array counters_;
  OperationKind increment_;
  PhaseName acquire_, critical_, release_;
  PreemptionPoint inside_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "lock_counter"; }
  std::string_view summary() const override {
    return "All threads add to counters under one lock, by load and store: what each kind of lock costs, "
           "from "
           "one thread to very many.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return both(check_padding(values), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<LockCounter>(setup);
  }
};

}  // namespace

const Program& program_lock_counter() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
