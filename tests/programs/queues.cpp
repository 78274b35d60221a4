// The three queues under one load: contents, order, roles, faults, and very many threads.
#include <map>

#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"
#include "traces/programs/parts/queue_load.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

struct Case {
  const char* program;
  std::vector<Setting> settings;
};

ParameterValues chosen(const Case& of, std::vector<Setting> more = {}) {
  ParameterValues result(find_program(of.program)->parameters());
  more.insert(more.begin(), of.settings.begin(), of.settings.end());
  for (const Setting& setting : more)
    if (setting.choice != nullptr)
      result.choose(setting.name, setting.choice);
    else
      result.set(setting.name, setting.value);
  return result;
}

std::string name_of(const Case& of) {
  std::string text = of.program;
  for (const Setting& s : of.settings)
    text += std::string(" ") + s.name + "=" + (s.choice != nullptr ? s.choice : std::to_string(s.value));
  return text;
}

std::uint64_t counted(const Run& run, std::string_view name) {
  return run.counters()[static_cast<std::size_t>(run.names().counters.find(name))];
}

// Every way of each queue to carry elements through.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"ms_queue", {}},
      {"ms_queue", {{"placement", 0, "packed"}, {"ends", 0, "packed"}, {"backoff", 0, "exponential"}}},
      {"ms_queue", {{"mode", 0, "pairs"}}},
      {"ms_queue", {{"mode", 0, "pairs"}, {"nodes", 0, "own"}, {"placement", 0, "packed"}}},
      {"ms_queue", {{"mode", 0, "pairs"}, {"nodes", 0, "shared"}, {"capacity", 3}}},
      {"ms_queue", {{"mode", 0, "producers_consumers"}, {"work_cycles", 5}}},
      {"ms_queue", {{"mode", 0, "producers_consumers"}, {"nodes", 0, "shared"}, {"capacity", 4}}},
      {"mutex_queue", {}},
      {"mutex_queue", {{"mode", 0, "pairs"}, {"nodes", 0, "own"}}},
      {"mutex_queue", {{"mode", 0, "pairs"}, {"locks", 0, "two"}, {"lock", 0, "mcs"}}},
      {"mutex_queue", {{"mode", 0, "pairs"}, {"locks", 0, "two"}, {"nodes", 0, "shared"}, {"capacity", 9}}},
      {"mutex_queue", {{"mode", 0, "producers_consumers"}, {"lock", 0, "futex_spinning"}}},
      {"mutex_queue",
       {{"mode", 0, "producers_consumers"},
        {"locks", 0, "two"},
        {"placement", 0, "padded"},
        {"padding", 16}}},
      {"array_queue", {}},
      {"array_queue", {{"mode", 0, "pairs"}, {"capacity", 1}}},
      {"array_queue", {{"mode", 0, "pairs"}, {"placement", 0, "packed"}, {"capacity", 5}}},
      {"array_queue", {{"mode", 0, "producers_consumers"}, {"capacity", 3}}},
      {"array_queue", {{"mode", 0, "producers_consumers"}, {"waiting", 0, "yield"}}},
  };
  return all;
}

bool dequeues(const Case& of) {
  return chosen(of).choice("mode") != "enqueue";
}

}  // namespace

TEST_CASE("each queue carries each element through once and in order, under random interleavings") {
  for (const Case& of : cases())
    for (std::uint32_t threads = 1; threads <= 9; ++threads)
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO(name_of(of) << ", " << threads << " threads, seed " << seed);
        const Program& program = *find_program(of.program);
        const ParameterValues parameters = chosen(of, {{"elements", 101}});
        REQUIRE(program.check(parameters, threads).empty());
        Run run(program, parameters, {.threads = threads, .cores = threads, .seed = seed});
        const Interpreted done = interpret(run, {.seed = seed});
        CHECK(done.failure == std::nullopt);
        CHECK(done.operations ==
              (dequeues(of) ? std::vector<std::uint64_t>{101, 101} : std::vector<std::uint64_t>{101}));
      }
}

TEST_CASE("more threads than elements: those without a share do nothing") {
  for (const Case& of : cases()) {
    INFO(name_of(of));
    Run run(*find_program(of.program), chosen(of, {{"elements", 3}}), {.threads = 12, .cores = 12});
    CHECK(interpret(run).failure == std::nullopt);
  }
}

TEST_CASE("every schedule of two threads with few pre-emptions carries each element through") {
  for (const Case& of : cases()) {
    INFO(name_of(of));
    const Program& program = *find_program(of.program);
    const ParameterValues parameters = chosen(of, {{"elements", 4}});
    const Explored explored =
        Exploration(
            [&] { return std::make_unique<Run>(program, parameters, RunSetup{.threads = 2, .cores = 2}); }, 2)
            .all();
    CHECK(explored.failure == std::nullopt);
    CHECK(explored.schedules > 60);
  }
}

TEST_CASE("ms_queue: without versions, nodes that come again make it wrong, and with them, never") {
  // Thread 1 takes the dummy's place while thread 0 is about to dequeue, and brings the same node back as the
  // dummy: thread 0's compare-and-swap succeeds, and takes out what was dequeued before.
  for (const char* nodes : {"own", "shared"})
    for (const bool versioned : {false, true}) {
      INFO(nodes << ", versioned " << versioned);
      const Program& program = *find_program("ms_queue");
      const ParameterValues parameters = values(program, {{"elements", 8},
                                                          {"mode", 0, "pairs"},
                                                          {"nodes", 0, nodes},
                                                          {"capacity", 3},
                                                          {"versioned", versioned ? 1.0 : 0.0}});
      const Explored explored =
          Exploration(
              [&] { return std::make_unique<Run>(program, parameters, RunSetup{.threads = 2, .cores = 2}); },
              2, 1000)
              .all();
      CHECK(explored.failure.has_value() == !versioned);
      if (versioned) CHECK(explored.schedules > 1000);
    }
}

TEST_CASE("threads help each other, and fail, only if there are others") {
  const Program& program = *find_program("ms_queue");
  for (const std::uint32_t threads : {1U, 8U}) {
    Run run(program, values(program, {{"elements", 2000}, {"mode", 0, "pairs"}}),
            {.threads = threads, .cores = threads});
    CHECK(interpret(run).failure == std::nullopt);
    const bool many = threads > 1;
    CHECK(counted(run, "cas1_attempts") - counted(run, "cas1_failures") == 2000);
    CHECK(counted(run, "head_attempts") - counted(run, "head_failures") == 2000);
    CHECK(counted(run, "cas3_attempts") == 2000);
    CHECK((counted(run, "cas1_failures") > 0) == many);
    CHECK((counted(run, "cas2_attempts") > 0) == many);
    CHECK((counted(run, "stale_reads") > 0) == many);
    CHECK((counted(run, "head_failures") > 0) == many);
    // The tail moves once an element, by its enqueuer or by a helper.
    CHECK(counted(run, "cas2_attempts") - counted(run, "cas2_failures") + counted(run, "cas3_attempts") -
              counted(run, "cas3_failures") ==
          2000);
  }
}

TEST_CASE("a pair's dequeue always finds an element, and consumers may come too early") {
  for (const char* name : {"ms_queue", "mutex_queue"}) {
    const Program& program = *find_program(name);
    Run pairs(program, values(program, {{"elements", 500}, {"mode", 0, "pairs"}}),
              {.threads = 8, .cores = 8});
    CHECK(interpret(pairs).failure == std::nullopt);
    CHECK(counted(pairs, "found_empty") == 0);
    Run roles(program, values(program, {{"elements", 500}, {"mode", 0, "producers_consumers"}}),
              {.threads = 8, .cores = 8});
    CHECK(interpret(roles).failure == std::nullopt);
    CHECK(counted(roles, "found_empty") > 0);
  }
}

TEST_CASE("pre-emption at the places that the queues name changes no result") {
  for (const auto& [name, point] :
       std::map<const char*, const char*>{{"ms_queue", "before_cas1"},
                                          {"mutex_queue", "inside_critical_section"},
                                          {"array_queue", "after_reserve"}})
    for (const char* mode : {"enqueue", "pairs", "producers_consumers"}) {
      const Program& program = *find_program(name);
      Run run(program, values(program, {{"elements", 300}, {"mode", 0, mode}}),
              {.threads = 6, .cores = 6, .injection = InjectionChoice{point, 0.1, 1000, 1000, false}});
      CHECK(interpret(run).failure == std::nullopt);
    }
}

TEST_CASE("shares: every element is one producer's, and all elements are dequeued once") {
  const Program& program = *find_program("array_queue");
  for (const char* mode : {"enqueue", "pairs", "producers_consumers"})
    for (const std::uint32_t threads : {1U, 2U, 7U, 16U})
      for (const double elements : {1, 5, 16, 100})
        for (const double consumers : {0, 1}) {
          const ParameterValues parameters =
              values(program, {{"elements", elements}, {"mode", 0, mode}, {"consumers", consumers}});
          const QueueShares shares(parameters, threads);
          std::uint64_t enqueued = 0, dequeued = 0;
          for (std::uint32_t i = 0; i < threads; ++i) {
            if (shares.enqueued_by(i) != 0) CHECK(shares.first_of(i) == enqueued);
            for (std::uint64_t e = 0; e < shares.enqueued_by(i); ++e)
              CHECK(shares.producer_of(enqueued + e) == i);
            CHECK(shares.enqueued_by(i) <= shares.most_of_one());
            enqueued += shares.enqueued_by(i);
            dequeued += shares.dequeued_by(i);
          }
          CHECK(enqueued == static_cast<std::uint64_t>(elements));
          CHECK(dequeued == (shares.anyone_dequeues() ? enqueued : 0));
          if (std::string(mode) == "producers_consumers" && threads == 16)
            CHECK(shares.producers() == (consumers == 0 ? 8 : 15));
        }
}

TEST_CASE("parameters that contradict each other are refused, never for one thread alone") {
  const auto refused = [](const Case& of, std::uint32_t threads) {
    const auto errors = find_program(of.program)->check(chosen(of), threads);
    return errors.empty() ? std::string() : std::string(errors[0].parameter);
  };
  const Setting roles{"mode", 0, "producers_consumers"};
  CHECK(refused({"ms_queue", {roles, {"consumers", 4}}}, 4) == "consumers");
  CHECK(refused({"ms_queue", {roles, {"consumers", 4}}}, 5).empty());
  CHECK(refused({"ms_queue", {roles, {"consumers", 4}}}, 1).empty());
  CHECK(refused({"ms_queue", {{"nodes", 0, "own"}}}, 2) == "nodes");
  CHECK(refused({"mutex_queue", {{"nodes", 0, "shared"}, {"capacity", 9'999}}}, 2) == "capacity");
  CHECK(refused({"mutex_queue", {{"nodes", 0, "shared"}, {"capacity", 10'001}}}, 2).empty());
  CHECK(refused({"mutex_queue", {{"capacity", 1}}}, 2).empty());
  CHECK(refused({"array_queue", {{"capacity", 9'999}}}, 2) == "capacity");
  CHECK(refused({"array_queue", {{"placement", 0, "padded"}, {"padding", 4}}}, 2) == "padding");
}

namespace {

// A queue that is nothing but what the test says: for the record of elements.
struct Told final : Queue {
  Task<> enqueue(Thread&, std::uint64_t) override { co_return; }
  Task<std::optional<std::uint64_t>> dequeue(Thread&) override { co_return std::nullopt; }
  std::optional<std::string> walk(const Contents&, std::uint64_t most, const Visit& visit) const override {
    for (std::size_t i = 0; i < content.size() && i < most; ++i) visit(value_of(content[i]));
    return wrong;
  }
  std::vector<std::uint64_t> content;
  std::optional<std::string> wrong;
};

struct Taken {
  std::uint32_t thread;
  std::uint64_t element;
};

// Two producers (elements 0 .. 4 and 5 .. 9), two consumers.
std::string verdict(const std::vector<Taken>& taken, std::vector<std::uint64_t> content,
                    std::optional<std::string> wrong = {}) {
  const Program& program = *find_program("array_queue");
  const QueueShares shares(values(program, {{"elements", 10}, {"mode", 0, "producers_consumers"}}), 4);
  ElementRecord record(shares, 4);
  for (const Taken& one : taken) record.dequeued(one.thread, value_of(one.element));
  Told queue;
  queue.content = std::move(content);
  queue.wrong = std::move(wrong);
  const Contents memory(baton::traces::region_bytes, 64);
  return record.check(memory, queue).value_or("");
}

}  // namespace

TEST_CASE("the record of elements accepts what a queue may do, and nothing else") {
  CHECK(verdict({}, {0, 1, 5, 2, 6, 7, 3, 8, 4, 9}).empty());
  CHECK(verdict({{2, 0}, {3, 1}, {3, 5}, {2, 2}}, {6, 7, 3, 8, 4, 9}).empty());
  // Which consumer was first is not known.
  CHECK(verdict({{2, 1}, {3, 0}}, {2, 3, 4, 5, 6, 7, 8, 9}).empty());

  CHECK_THAT(verdict({}, {0, 1, 2, 3, 4, 5, 6, 7, 8}), Catch::Contains("element 9 of thread 1 has neither"));
  CHECK_THAT(verdict({}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9}), Catch::Contains("holds element 9"));
  CHECK_THAT(verdict({}, {1, 0, 2, 3, 4, 5, 6, 7, 8, 9}), Catch::Contains("element 0 was expected"));
  CHECK_THAT(verdict({}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 12}), Catch::Contains("holds 13, which is no element"));
  CHECK_THAT(verdict({{2, 0}, {3, 0}}, {}), Catch::Contains("element 0, which thread 2 had dequeued"));
  CHECK_THAT(verdict({{2, 10}}, {}), Catch::Contains("11, which is no element"));
  CHECK_THAT(verdict({{2, ~std::uint64_t{0}}}, {}), Catch::Contains("0, which is no element"));
  CHECK_THAT(verdict({{2, 0}}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), Catch::Contains("holds element 0"));
  CHECK_THAT(verdict({{2, 1}}, {0, 2, 3, 4, 5, 6, 7, 8, 9}), Catch::Contains("holds element 2"));
  CHECK_THAT(verdict({{2, 1}, {2, 0}}, {2, 3, 4, 5, 6, 7, 8, 9}),
             Catch::Contains("thread 2 has dequeued element 1 of thread 0 before"));
  CHECK(verdict({}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "torn") == "torn");
}

namespace {

// One change to memory is lost; what came of it.
std::string lose(const Case& of, std::uint64_t seed, std::uint64_t lost, std::uint64_t* changes = nullptr) {
  Run run(*find_program(of.program), chosen(of, {{"elements", 12}}), {.threads = 3, .cores = 3});
  try {
    Stepper stepper(run);
    stepper.lose_change(lost);
    baton::traces::Random random(seed, 1);
    for (int steps = 0; !stepper.all_ended(); ++steps) {
      const auto runnable = stepper.runnable();
      if (steps == 20'000 || runnable.empty()) return "waits for ever";
      stepper.step(runnable[random.below(runnable.size())]);
    }
    if (changes != nullptr) *changes = stepper.changes();
    return stepper.self_check().value_or("");
  } catch (const ProgramFailure& failure) {
    return failure.what();
  }
}

}  // namespace

TEST_CASE("a lost store shows: in the content, the order, or threads that wait for ever") {
  for (const Case& of : cases()) {
    INFO(name_of(of));
    std::uint64_t found = 0, by_check = 0;
    for (const std::uint64_t seed : {1, 2, 3}) {
      std::uint64_t changes = 0;
      REQUIRE(lose(of, seed, ~std::uint64_t{0}, &changes).empty());
      for (std::uint64_t lost = 0; lost < changes; ++lost) {
        const std::string what = lose(of, seed, lost);
        if (!what.empty()) ++found;
        if (!what.empty() && what != "waits for ever") ++by_check;
      }
    }
    // Each of 12 elements, in three runs, is written and linked: none of these may be lost unseen. Others
    // may: a tail that stays behind is helped along, a flag may not be looked at any more.
    CHECK(found >= 3 * 2 * 12);
    CHECK(by_check >= 3 * 12);
  }
}
