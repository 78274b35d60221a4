#include "traces/litmus/test.hpp"

namespace baton::litmus {
namespace {

using Op = Expression::Op;

// Arithmetic wraps, as on the machines that tests are written for.
std::uint64_t bits(Number n) {
  return static_cast<std::uint64_t>(n);
}

Number apply(Op op, Number a) {
  switch (op) {
    case Op::negate:
      return static_cast<Number>(-bits(a));
    case Op::complement:
      return ~a;
    default:
      return a == 0;
  }
}

Number apply(Op op, Number a, Number b) {
  switch (op) {
    case Op::add:
      return static_cast<Number>(bits(a) + bits(b));
    case Op::subtract:
      return static_cast<Number>(bits(a) - bits(b));
    case Op::multiply:
      return static_cast<Number>(bits(a) * bits(b));
    case Op::bit_and:
      return a & b;
    case Op::bit_or:
      return a | b;
    case Op::bit_xor:
      return a ^ b;
    case Op::shift_left:
      return static_cast<Number>(bits(a) << (bits(b) & 63));
    case Op::shift_right:
      return a >> (bits(b) & 63);
    case Op::equal:
      return a == b;
    case Op::unequal:
      return a != b;
    case Op::less:
      return a < b;
    case Op::less_equal:
      return a <= b;
    case Op::greater:
      return a > b;
    default:
      return a >= b;
  }
}

std::string number_text(const Test& test, Number n) {
  if (is_address(n, test.locations.size())) return test.locations[location_of(n)].name;
  return std::to_string(n);
}

void add_text(const Test& test, const Outcome& outcome, std::size_t i, std::string& text) {
  if (!text.empty()) text += ' ';
  text += test.observables[i].name + "=" + number_text(test, outcome[i]) + ";";
}

}  // namespace

Expression& Expression::then(const Expression& more, Op op) {
  items.insert(items.end(), more.items.begin(), more.items.end());
  items.push_back({op});
  return *this;
}

Expression& Expression::then(Op op) {
  items.push_back({op});
  return *this;
}

Number Expression::value(const std::vector<Number>& registers) const {
  if (items.empty()) return 0;
  if (items.size() == 1 && items[0].op == Op::constant) return items[0].value;
  std::vector<Number> stack;
  for (const Item& item : items) {
    if (item.op == Op::constant) {
      stack.push_back(item.value);
    } else if (item.op == Op::reg) {
      stack.push_back(registers[static_cast<std::size_t>(item.value)]);
    } else if (item.op <= Op::logical_not) {
      stack.back() = apply(item.op, stack.back());
    } else {
      const Number second = stack.back();
      stack.pop_back();
      stack.back() = apply(item.op, stack.back(), second);
    }
  }
  return stack.back();
}

bool Proposition::holds(const Outcome& outcome) const {
  std::vector<bool> stack;
  for (const Item& item : items) {
    switch (item.op) {
      case Op::always:
      case Op::never:
        stack.push_back(item.op == Op::always);
        break;
      case Op::equal:
      case Op::unequal:
        stack.push_back((outcome[item.observable] == item.value) == (item.op == Op::equal));
        break;
      case Op::negation:
        stack.back() = !stack.back();
        break;
      default: {
        const bool second = stack.back();
        stack.pop_back();
        stack.back() = item.op == Op::conjunction ? stack.back() && second : stack.back() || second;
      }
    }
  }
  return stack.empty() || stack.back();
}

std::string shown_text(const Test& test, const Outcome& outcome) {
  std::string text;
  for (const std::size_t i : test.shown) add_text(test, outcome, i, text);
  return text;
}

std::string full_text(const Test& test, const Outcome& outcome) {
  std::string text;
  for (std::size_t i = 0; i < test.observables.size(); ++i) add_text(test, outcome, i, text);
  return text;
}

}  // namespace baton::litmus
