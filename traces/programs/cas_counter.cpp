#include <string>

#include "traces/programs/parts/backoff.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view expected_choices[] = {"loaded", "last_seen"};

constexpr Parameter own_parameters[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "additions of each thread"},
    {"expected", Parameter::Type::choice, 0, 0, 1, "",
     "what each compare-and-swap expects: what a load has just found, or, blind, what the thread's last "
     "compare-and-swap has left or seen",
     expected_choices},
    {"take_turns", Parameter::Type::flag, 0, 0, 1, "",
     "each thread waits until the others have added once, by loads or by compare-and-swaps that fail: the "
     "hand-off of a line from core to core"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles", "other work after each addition"},
};
constexpr auto table = joined(own_parameters, backoff_parameters);

class CasCounter final : public Instance {
 public:
  explicit CasCounter(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        threads_(setup.threads()),
        loads_(setup.parameters.choice("expected") == "loaded"),
        turns_(setup.parameters.flag("take_turns")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        backoff_(setup.parameters),
        counter_(setup.memory.object()),
        add_(setup.kind("add")),
        read_(setup.phase("read")),
        cas_(setup.phase("CAS")),
        attempts_(setup.counter("attempts")),
        failures_(setup.counter("failures")) {}

  Task<> run(Thread& t) override {
    std::uint64_t known = t.index();  // the counter, as far as the thread knows; its turn, if there are turns
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(add_);
      if (turns_)
        known = co_await add_in_turn(t, known);
      else
        known = co_await add(t, known);
      t.end();
      co_await t.compute(work_cycles_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    const std::uint64_t expected = operations_ * threads_, found = memory.last(counter_);
    if (found == expected) return {};
    return "the counter is " + std::to_string(found) + ", but " + std::to_string(expected) +
           " additions were made";
  }

 private:
  // Gives what the addition has left.
  Task<std::uint64_t> add(Thread& t, std::uint64_t known) {
    Backoff::Delays delays = backoff_.delays();
    for (;;) {
      if (loads_) known = co_await read(t);
      const Compared done = co_await attempt(t, known);
      if (done) co_return known + 1;
      known = done.seen;
      co_await t.compute(delays.next(t));
    }
  }

  // Gives the thread's next turn. As cas-bench of wtarreau/atomic-tests does it, operations 3 (loads) and 2
  // (blind).
  Task<std::uint64_t> add_in_turn(Thread& t, std::uint64_t turn) {
    Backoff::Delays delays = backoff_.delays();
    if (loads_) {
      const auto phase = t.phase(read_);
      co_await t.spin_until(counter_, turn);
    }
    for (;;) {
      const Compared done = co_await attempt(t, turn);
      if (done) co_return turn + t.threads();
      co_await t.compute(delays.next(t));
    }
  }

  Task<std::uint64_t> read(Thread& t) {
    const auto phase = t.phase(read_);
    co_return co_await t.load(counter_);
  }

  Task<Compared> attempt(Thread& t, std::uint64_t expected) {
    const auto phase = t.phase(cas_);
    t.count(attempts_);
    const Compared done = co_await t.compare_exchange(counter_, expected, expected + 1);
    if (!done) t.count(failures_);
    co_return done;
  }

  std::uint64_t operations_;
  std::uint64_t threads_;
  bool loads_;
  bool turns_;
  std::uint64_t work_cycles_;
  Backoff backoff_;
  Address counter_;
  OperationKind add_;
  PhaseName read_, cas_;
  Counter attempts_, failures_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "cas_counter"; }
  std::string_view summary() const override {
    return "All threads add to one counter by compare-and-swap, in any order or in turns: how often it "
           "fails, "
           "and whether a load before it costs a second coherence transaction.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return check_backoff(values);
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<CasCounter>(setup);
  }
};

}  // namespace

const Program& program_cas_counter() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
