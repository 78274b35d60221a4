// The scheduler's path: cores pick tasks, run them for a while and make them runnable again, some of them on
// other cores. See parts/run_queues.hpp for what of Linux is modelled. The claim (rq->lock, 55 to 99 %
// efficiency) names one lock; Linux has had one for each core since 2.6, so that design is here as well.
#include "traces/programs/parts/run_queues.hpp"
#include "traces/programs/parts/stealing_run_queues.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"locked", "lock_free", "locked_per_core"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "", "tasks that each thread picks"},
    {"run_cycles", Parameter::Type::integer, 1000, 0, 1e9, "cycles",
     "that a task runs before the next one is picked; swept by configs/systems_sensitivity.json"},
    {"design", Parameter::Type::choice, 0, 0, 2, "",
     "one queue under a lock; rings of the cores, without locks, with stealing; a queue for each core under "
     "a "
     "lock of its own, with stealing",
     design_choices},
    lock_parameter(LockKind::mcs),
};
constexpr auto table = joined(own_table, run_queue_parameters, backoff_parameters, lock_parameters);

class RunQueue final : public Instance {
 public:
  explicit RunQueue(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        run_cycles_(setup.parameters.integer("run_cycles")),
        wakes_remotely_(setup.parameters["remote_wakes"]),
        tasks_(setup, setup.parameters.integer("tasks_per_core") * setup.threads()),
        runs_(tasks_.count() + 1),
        running_(tasks_.count() + 1),
        pick_(setup.kind("pick")),
        wake_(setup.kind("wake")) {
    const std::string_view design = setup.parameters.choice("design");
    const LockKind lock = lock_kind(setup.parameters);
    if (design == "lock_free")
      queues_ = std::make_unique<StealingRunQueues>(setup, tasks_);
    else
      queues_ =
          std::make_unique<LockedRunQueues>(setup, tasks_, lock, design == "locked" ? 1 : setup.threads());
    queues_->fill(setup);
  }

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(pick_);
      const Block task = co_await queues_->next(t);
      t.end();
      co_await run_task(t, task);
      const bool remote = wakes_remotely_(t.random());
      const std::uint64_t core = remote ? t.random().below(t.threads()) : t.index();
      t.begin(wake_);
      co_await queues_->wake(t, task, core);
      t.end();
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    if (!fault_.empty()) return fault_;
    for (Block task = 1; task <= tasks_.count(); ++task)
      if (const std::uint64_t found = memory.last(tasks_.user_word(task)); found != runs_[task])
        return "task " + std::to_string(task) + " has counted " + std::to_string(found) + " runs of " +
               std::to_string(runs_[task]);
    Inventory inventory("task", tasks_.count());
    queues_->add_to(inventory, memory);
    return inventory.fault(tasks_.count());
  }

 private:
  Task<> run_task(Thread& t, Block task) {
    const Address counter = tasks_.user_word(task);
    if (running_[task] && fault_.empty())
      fault_ = "task " + std::to_string(task) + " runs on two cores at once";
    running_[task] = true;
    ++runs_[task];
    const std::uint64_t before = co_await t.load(counter);
    co_await t.compute(run_cycles_);
    co_await t.store(counter, before + 1);
    running_[task] = false;
  }

  std::uint64_t operations_, run_cycles_;
  traces::Chance wakes_remotely_;
  Blocks tasks_;
  std::vector<std::uint64_t> runs_;
  std::vector<bool> running_;
  std::string fault_;
  OperationKind pick_, wake_;
  std::unique_ptr<RunQueues> queues_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "run_queue"; }
  std::string_view summary() const override {
    return "Cores pick tasks, run them and make them runnable again: from one queue under a lock, from "
           "queues of "
           "their own with a lock each, or from lock-free ones with stealing.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return check_backoff(values);
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<RunQueue>(setup); }
};

}  // namespace

const Program& program_run_queue() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
