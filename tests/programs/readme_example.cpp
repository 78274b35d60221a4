// The README's example: compiled as it stands there, and run.
//
// begin of the example
#include "traces/programs/runtime/program.hpp"

namespace baton::programs {
namespace {

constexpr Parameter table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "additions of each thread"},
};

// A part: it takes its memory and its names when it is set up. Nested coroutines are awaited.
class SpinLock {
 public:
  explicit SpinLock(Setup& setup)
      : word_(setup.memory.object()),        // one word in a line of its own, 0 at the start
        acquiring_(setup.phase("acquire")),  // names are asked for once, here
        failures_(setup.counter("failed_exchanges")) {}

  Task<> acquire(Thread& t) {
    const auto phase = t.phase(acquiring_);  // until the end of the scope; for the profile and shares of time
    while (co_await t.exchange(word_, 1) != 0) {
      t.count(failures_);
      co_await t.spin_while(word_, 1);  // loads until the word is no longer 1; gives the last value
    }
  }
  Task<> release(Thread& t) { co_await t.store(word_, 0); }

 private:
  Address word_;
  PhaseName acquiring_;
  Counter failures_;
};

class SpinLockCounter final : public Instance {
 public:
  explicit SpinLockCounter(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        threads_(setup.threads()),
        lock_(setup),
        counter_(setup.memory.object()),
        add_(setup.kind("add")),
        inside_(setup.preemption_point("critical_section")) {}

  Task<> run(Thread& t) override {  // the body of each thread
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(add_);  // throughput and latency are those of begin .. end
      co_await lock_.acquire(t);
      co_await t.preemption_point(inside_);  // a config may pre-empt threads here
      co_await t.store(counter_, co_await t.load(counter_) + 1);
      co_await lock_.release(t);
      t.end();
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    const std::uint64_t found = memory.last(counter_);
    if (found == operations_ * threads_) return {};
    return "the counter is " + std::to_string(found) + ", but " + std::to_string(operations_ * threads_) +
           " additions were made";
  }

 private:
  std::uint64_t operations_, threads_;
  SpinLock lock_;
  Address counter_;
  OperationKind add_;
  PreemptionPoint inside_;
};

class Description final : public Program {
  std::string_view name() const override { return "spin_lock_counter"; }
  std::string_view summary() const override { return "All threads add to one counter under a spin lock."; }
  std::span<const Parameter> parameters() const override { return table; }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<SpinLockCounter>(setup);
  }
};

}  // namespace

const Program& program_spin_lock_counter() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
// end of the example

#include <fstream>
#include <iterator>

#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin) + begin.size();
  return text.substr(at, text.find(end, at) - at);
}

}  // namespace

TEST_CASE("the README has the example as it is compiled here") {
  const std::string here = between(read("/tests/programs/readme_example.cpp"), "// begin of the example\n",
                                   "// end of the example\n");
  const std::string there =
      between(read("/traces/programs/README.md"), "// traces/programs/spin_lock_counter.cpp\n", "```\n");
  CHECK(here == there);
}

TEST_CASE("the README's example counts right, and sees a lost update") {
  const Program& program = program_spin_lock_counter();
  for (const double lost : {0.0, 0.02}) {
    Run run(program, values(program, {{"operations_per_thread", 100}}), {.threads = 4, .cores = 4});
    InterpreterOptions options;
    options.lost_stores = lost;
    options.step_limit = 1'000'000;
    if (lost == 0) {
      CHECK(interpret(run, options).failure == std::nullopt);
      CHECK(run.counters()[0] > 0);
      continue;
    }
    // A lost release leaves all spinning; any other loss is seen at the end.
    const std::string failure = failure_of([&] {
      if (const auto wrong = interpret(run, options).failure) throw ProgramFailure(*wrong);
    });
    CHECK(!failure.empty());
  }
}
