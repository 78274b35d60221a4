#include "traces/import/thread_program.hpp"

#include <array>
#include <vector>

namespace baton::traces {
namespace {

using programs::Task;
using programs::Thread;

class Recorded final : public programs::Instance {
 public:
  Recorded(Workload& recorded, std::uint32_t threads) {
    for (std::uint32_t i = 0; i < threads; ++i) streams_.push_back(recorded.stream(static_cast<int>(i)));
  }

  Task<> run(Thread& thread) override {
    OperationStream& stream = *streams_[thread.index()];
    std::array<Operation, 64> fetched;
    std::vector<Operation> awaits;  // of the access to come: its work is done before it waits
    while (const std::size_t n = stream.next(fetched)) {
      for (std::size_t i = 0; i < n; ++i) {
        const Operation operation = fetched[i];
        if (operation.kind == Kind::await) {
          awaits.push_back(operation);
          continue;
        }
        const bool access = is_access(operation.kind);
        if (access) co_await thread.compute(operation.gap_cycles);
        for (const Operation& await : awaits) co_await thread.gate(await, access ? &operation : nullptr);
        awaits.clear();
        if (access)
          co_await thread.access(operation);
        else if (operation.kind == Kind::work)
          co_await thread.compute(operation.gap_cycles);
        else
          co_await thread.gate(operation, nullptr);
      }
    }
    for (const Operation& await : awaits) co_await thread.gate(await, nullptr);
  }
  std::optional<std::string> self_check(const programs::Contents&) const override { return std::nullopt; }

 private:
  std::vector<std::unique_ptr<OperationStream>> streams_;
};

}  // namespace

class ThreadedTrace::Threads final : public programs::Program {
 public:
  explicit Threads(Workload& recorded) : recorded_(recorded) {}

  std::string_view name() const override { return "recorded"; }
  std::string_view summary() const override { return "threads of a trace"; }
  std::span<const Parameter> parameters() const override { return {}; }
  bool has_values() const override { return false; }
  std::unique_ptr<programs::Instance> set_up(programs::Setup& setup) const override {
    return std::make_unique<Recorded>(recorded_, setup.threads());
  }

 private:
  Workload& recorded_;
};

ThreadedTrace::ThreadedTrace(std::unique_ptr<Workload> recorded, std::uint32_t cores,
                             std::uint32_t line_bytes)
    : recorded_(std::move(recorded)), threads_(std::make_unique<Threads>(*recorded_)) {
  programs::ProgramChoice choice;
  choice.program = threads_.get();
  choice.setup.threads = static_cast<std::uint32_t>(recorded_->cores());
  choice.setup.cores = cores;
  choice.setup.line_bytes = line_bytes;
  program_ = std::make_unique<programs::ProgramWorkload>(std::move(choice));
}

ThreadedTrace::~ThreadedTrace() = default;

}  // namespace baton::traces
