// A key-value service whose clients' requests are served by as many threads as there are: the event loop of
// Redis against slots with atomic operations. The claim compares the two (149 M against 78 k operations/s at
// 128 threads) without saying what a request costs besides: here that is a parameter, the same for both.
//
// Not modelled: the sockets (see full_stack), the hash table that leads to a slot, values of more than a
// word.
#include "traces/programs/parts/key_store.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"event_loop", "lock_free"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "requests of each thread"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles", "a client's work between two requests"},
    {"design", Parameter::Type::choice, 0, 0, 1, "",
     "one lock around the event loop, or atomic operations on sharded slots", design_choices},
    padding_parameter(),
    lock_parameter(LockKind::mcs),
};
constexpr auto table = joined(own_table, key_store_parameters, backoff_parameters, lock_parameters);

class KeyValue final : public Instance {
 public:
  explicit KeyValue(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        outside_cycles_(setup.parameters.integer("outside_cycles")),
        draw_(setup.parameters),
        reads_(setup.parameters["read_fraction"]),
        get_(setup.kind("get")),
        set_(setup.kind("set")),
        outside_(setup.phase("outside")),
        store_(make_key_store(setup, setup.parameters.choice("design") == "event_loop",
                              lock_kind(setup.parameters))) {}

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < operations_; ++i) {
      const std::uint64_t key = draw_(t.random());
      const bool write = !reads_(t.random());
      t.begin(write ? set_ : get_);
      {
        const auto phase = t.phase(outside_);
        co_await t.compute(outside_cycles_);
      }
      co_await store_->serve(t, key, write);
      t.end();
      co_await t.compute(work_cycles_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    return store_->self_check(memory);
  }

 private:
  std::uint64_t operations_, work_cycles_, outside_cycles_;
  KeyDraw draw_;
  traces::Chance reads_;
  OperationKind get_, set_;
  PhaseName outside_;
  std::unique_ptr<KeyStore> store_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "key_value"; }
  std::string_view summary() const override {
    return "Threads serve requests to read and write keys, one at a time in an event loop under a lock, or "
           "all "
           "at once by atomic operations on the keys' slots.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return both(check_padding(values), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<KeyValue>(setup); }
};

}  // namespace

const Program& program_key_value() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
