#include "traces/programs/runtime/thread.hpp"

#include <cmath>
#include <stdexcept>

namespace baton::programs {
namespace {

constexpr std::uint64_t injection_stream = 0x696E6A656374;  // any number that no thread's index is

}  // namespace

Thread::Thread(Environment& environment, std::uint32_t index)
    : environment_(environment),
      index_(index),
      random_(environment.seed, index),
      injections_(traces::derived_seed(environment.seed, injection_stream), index) {}

void Thread::start(Task<> body) {
  body_ = std::move(body);
  innermost_ = body_.handle();
}

void Thread::resume() {
  work_cycles_ = 0;
  marks_.clear();
  innermost_.resume();
  if (!body_.done()) return;
  request_ = {.action = Action::end};
  body_.result();
  body_ = {};  // a run may have very many threads: the frames of those that have ended are given back
  if (in_operation_) throw std::logic_error("a thread has ended within an operation");
}

void Thread::begin(OperationKind kind) {
  if (in_operation_) throw std::logic_error("a thread begins an operation within another");
  in_operation_ = true;
  note(Mark::What::begin, kind.number);
}

void Thread::end() {
  if (!in_operation_) throw std::logic_error("a thread ends an operation that it has not begun");
  in_operation_ = false;
  note(Mark::What::end, 0);
}

detail::AwaitingNothing Thread::access(const traces::Operation& operation) {
  using traces::Kind;
  return {{this,
           {.action = operation.kind == Kind::store ? Action::store
                      : operation.kind == Kind::rmw ? Action::exchange
                                                    : Action::load,
            .order = Order::relaxed,
            .address = operation.address,
            .size = operation.size,
            .completes = operation.completes}}};
}

detail::AwaitingNothing Thread::gate(const traces::Operation& gate, const traces::Operation* waits) {
  return {{this,
           {.action = gate.kind == traces::Kind::await ? Action::await : Action::advance,
            .address = gate.address,
            .operand = gate.gap_cycles,
            .expected = waits == nullptr ? traces::Address{0} : waits->address}}};
}

Version Thread::perform(Contents& contents, Version seen) {
  const Request& r = request_;
  value_ = contents.read(r.address, seen);
  switch (r.action) {
    case Action::store:
    case Action::exchange:
      return contents.write(r.address, seen, r.operand);
    case Action::fetch_add:
      return contents.write(r.address, seen, value_ + r.operand);
    case Action::fetch_and:
      return contents.write(r.address, seen, value_ & r.operand);
    case Action::fetch_or:
      return contents.write(r.address, seen, value_ | r.operand);
    case Action::compare_exchange:
      success_ = value_ == r.expected;
      return success_ ? contents.write(r.address, seen, r.operand) : seen;
    default:
      return seen;
  }
}

bool Thread::injects(PreemptionPoint point) {
  const Injection& injection = *environment_.injection;
  if (point.number != injection.point.number) return false;
  if (injections_.unit() >= injection.probability) return false;
  const auto min = static_cast<double>(injection.min_ps);
  const auto max = static_cast<double>(injection.max_ps);
  const double u = injections_.unit();
  const double drawn = injection.log_uniform ? min * std::pow(max / min, u) : min + u * (max - min);
  request_.duration = {.picoseconds = static_cast<std::uint64_t>(drawn)};
  return true;
}

}  // namespace baton::programs
