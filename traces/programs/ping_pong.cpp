#include <algorithm>
#include <string>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view waiting_choices[] = {"compare_and_swap", "load"};

constexpr Parameter table[] = {
    {"round_trips", Parameter::Type::integer, 100, 1, 1e9, "", "there and back, so often"},
    {"first", Parameter::Type::integer, 0, 0, 1e6, "",
     "the thread that begins and measures; thread i begins on core i"},
    {"second", Parameter::Type::integer, 1, 0, 1e6, "",
     "the thread that answers; if it is the first, nothing is measured"},
    {"waiting", Parameter::Type::choice, 0, 0, 1, "",
     "how a thread waits for its turn: by compare-and-swaps that fail, or by loads before the one that "
     "succeeds",
     waiting_choices},
};

/// As core-to-core-latency of nviennot does it: a flag that each of the two threads turns over.
class PingPong final : public Instance {
 public:
  explicit PingPong(Setup& setup)
      : round_trips_(setup.parameters.integer("round_trips")),
        first_(std::min<std::uint64_t>(setup.parameters.integer("first"), setup.threads() - 1)),
        second_(std::min<std::uint64_t>(setup.parameters.integer("second"), setup.threads() - 1)),
        idle_(first_ == second_ && setup.threads() > 1),
        loads_(setup.parameters.choice("waiting") == "load"),
        flag_(setup.memory.object()),
        round_trip_(setup.kind("round_trip")) {}

  Task<> run(Thread& t) override {
    if (idle_ || (t.index() != first_ && t.index() != second_)) co_return;
    for (std::uint64_t i = 0; i < round_trips_; ++i) {
      if (t.index() == first_) {
        t.begin(round_trip_);  // waits for the flag to come back, and passes it on
        co_await pass(t, 2 * i);
        if (t.threads() == 1) co_await pass(t, 2 * i + 1);
        t.end();
      } else {
        co_await pass(t, 2 * i + 1);
      }
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    const std::uint64_t found = memory.last(flag_), expected = idle_ ? 0 : 2 * round_trips_;
    if (found == expected) return {};
    return "the flag was passed " + std::to_string(found) + " times, not " + std::to_string(expected);
  }

 private:
  Task<> pass(Thread& t, std::uint64_t turn) {
    if (loads_) co_await t.spin_until(flag_, turn);
    while (!co_await t.compare_exchange(flag_, turn, turn + 1)) {
    }
  }

  std::uint64_t round_trips_, first_, second_;
  bool idle_;
  bool loads_;
  Address flag_;
  OperationKind round_trip_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "ping_pong"; }
  std::string_view summary() const override {
    return "Two threads pass a flag to and fro: the latency from one core to another, half of a round trip.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t threads) const override {
    std::vector<ParameterError> errors;
    if (threads == 1) return errors;
    for (const char* name : {"first", "second"}) {
      if (values.integer(name) >= threads)
        errors.push_back({name, "must be one of the " + std::to_string(threads) + " threads, 0 to " +
                                    std::to_string(threads - 1) + ", found " +
                                    std::to_string(values.integer(name))});
    }
    return errors;
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<PingPong>(setup); }
};

}  // namespace

const Program& program_ping_pong() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
