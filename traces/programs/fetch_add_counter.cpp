#include <string>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view counters_choices[] = {"shared", "per_thread"};

constexpr Parameter table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "additions of each thread"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles", "other work after each addition"},
    {"counters", Parameter::Type::choice, 0, 0, 1, "", "one counter for all threads, or one for each",
     counters_choices},
    placement_parameter("placement", "how the threads' own counters lie in lines"),
    padding_parameter(),
};

class FetchAddCounter final : public Instance {
 public:
  explicit FetchAddCounter(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        threads_(setup.threads()),
        shared_(setup.parameters.choice("counters") == "shared"),
        counters_(setup.memory.array(shared_ ? 1 : threads_, 1, placement_of(setup.parameters, "placement"))),
        add_(setup.kind("add")) {}

  Task<> run(Thread& t) override {
    const Address counter = counters_[shared_ ? 0 : t.index()];
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(add_);
      co_await t.fetch_add(counter, 1);
      t.end();
      co_await t.compute(work_cycles_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    const std::uint64_t expected = shared_ ? operations_ * threads_ : operations_;
    for (std::uint64_t i = 0; i < counters_.size; ++i) {
      const std::uint64_t found = memory.last(counters_[i]);
      if (found != expected)
        return "counter " + std::to_string(i) + " is " + std::to_string(found) + ", but " +
               std::to_string(expected) + " additions were made";
    }
    return {};
  }

 private:
  std::uint64_t operations_;
  std::uint64_t work_cycles_;
  std::uint64_t threads_;
  bool shared_;
  Array counters_;
  OperationKind add_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "fetch_add_counter"; }
  std::string_view summary() const override {
    return "All threads add to one counter, or each to its own, by fetch-and-add: the transfer of one line "
           "between "
           "cores at its limit, and false sharing between counters that are packed into lines.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return check_padding(values);
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<FetchAddCounter>(setup);
  }
};

}  // namespace

const Program& program_fetch_add_counter() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
