#include "traces/litmus/runner.hpp"

#include "traces/error.hpp"

namespace baton::litmus {

Number Request::left(Number seen) const {
  using Op = std::uint64_t;
  switch (does) {
    case Does::add:
      return static_cast<Number>(static_cast<Op>(seen) + static_cast<Op>(operand));
    case Does::subtract:
      return static_cast<Number>(static_cast<Op>(seen) - static_cast<Op>(operand));
    case Does::bit_and:
      return seen & operand;
    case Does::bit_or:
      return seen | operand;
    case Does::bit_xor:
      return seen ^ operand;
    default:
      return operand;
  }
}

Runner::Runner(const Test& test, std::size_t thread) : test_(&test), thread_(&test.threads[thread]) {
  for (const Register& reg : thread_->registers) registers_.push_back(reg.initial);
}

bool Runner::advance() {
  for (; at_ < thread_->code.size(); ++at_) {
    const Instruction& instruction = thread_->code[at_];
    if (instruction.does == Does::assign) {
      registers_[static_cast<std::size_t>(instruction.target)] = instruction.operand.value(registers_);
      continue;
    }
    if (instruction.does == Does::jump_if_zero) {
      if (instruction.operand.value(registers_) == 0) at_ = instruction.to - 1;
      continue;
    }
    request_ = {instruction.does, instruction.order, 0, instruction.operand.value(registers_),
                instruction.expected.value(registers_)};
    if (instruction.does == Does::fence) return true;
    const Number address = instruction.address.value(registers_);
    if (!is_address(address, test_->locations.size()))
      throw traces::InputError(test_->file, "line " + std::to_string(instruction.line),
                               "accesses " + std::to_string(address) + ", which is no location's address");
    request_.location = location_of(address);
    return true;
  }
  return false;
}

void Runner::answer(Number seen) {
  const Instruction& instruction = thread_->code[at_++];
  if (instruction.target != Instruction::none)
    registers_[static_cast<std::size_t>(instruction.target)] = seen;
  if (instruction.success != Instruction::none)
    registers_[static_cast<std::size_t>(instruction.success)] = seen == request_.expected ? 1 : 0;
}

}  // namespace baton::litmus
