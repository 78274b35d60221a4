#pragma once
// A litmus test, read from a file: short threads that share a few words, and a question about how they can
// end. Both languages (x86, C) become the same instructions on registers and words.

#include <cstdint>
#include <string>
#include <vector>

#include "traces/programs/runtime/request.hpp"

namespace baton::litmus {

using programs::Order;

/// Of registers and words; 64 bits in both languages. The address of location i is address_of(i).
using Number = std::int64_t;

constexpr Number address_base = Number{1} << 40;
constexpr Number address_step = 4096;  // so that no sum of a location and a small number is another location
constexpr Number address_of(std::size_t location) {
  return address_base + static_cast<Number>(location) * address_step;
}
/// Whether it is an address of one of so many locations.
constexpr bool is_address(Number n, std::size_t locations) {
  return n >= address_base && n < address_of(locations) && (n - address_base) % address_step == 0;
}
constexpr std::size_t location_of(Number address) {
  return static_cast<std::size_t>((address - address_base) / address_step);
}

/// A pure expression on a thread's registers, in postfix order. Empty: 0.
struct Expression {
  enum class Op : std::uint8_t {
    constant,
    reg,
    // of the last one
    negate,
    complement,
    logical_not,
    // of the last two
    add,
    subtract,
    multiply,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    equal,
    unequal,
    less,
    less_equal,
    greater,
    greater_equal,
  };
  struct Item {
    Op op;
    Number value = 0;  ///< the constant, or the register's number
  };
  std::vector<Item> items;

  static Expression constant(Number value) { return {{{Op::constant, value}}}; }
  static Expression reg(std::size_t number) { return {{{Op::reg, static_cast<Number>(number)}}}; }
  /// This one, then `more`, then an operator.
  Expression& then(const Expression& more, Op op);
  Expression& then(Op op);
  Number value(const std::vector<Number>& registers) const;
};

/// What an instruction does with memory, or with the thread alone.
enum class Does : std::uint8_t {
  load,
  store,
  exchange,
  add,
  subtract,
  bit_and,
  bit_or,
  bit_xor,
  compare_exchange,  ///< atomic read-modify-writes
  fence,
  assign,        ///< target = operand
  jump_if_zero,  ///< goes on at `to`, further down, if the operand is 0
};
constexpr bool is_rmw(Does does) {
  return does >= Does::exchange && does <= Does::compare_exchange;
}

struct Instruction {
  static constexpr int none = -1;

  Does does = Does::assign;
  Order order = Order::relaxed;
  std::size_t line = 0;  ///< of the file
  Expression address = {};
  Expression operand = {};   ///< stored, added, exchanged, desired
  Expression expected = {};  ///< of a compare_exchange
  int target = none;         ///< register that gets what memory had before, or the operand of an assign
  int success = none;        ///< register that gets 1 if a compare_exchange has stored, else 0
  std::size_t to = 0;
};

struct Register {
  std::string name;
  Number initial = 0;
  bool visible = true;  ///< part of an outcome; false: made by the parser
};

struct Thread {
  std::vector<Register> registers;
  std::vector<Instruction> code;
};

struct Location {
  std::string name;
  Number initial = 0;
};

/// Something that an outcome has a number for.
struct Observable {
  int thread = -1;  ///< -1: a location
  std::size_t index = 0;
  std::string name;  ///< "0:EAX", "[x]"
};

/// How a run has ended: a number for each of Test::observables.
using Outcome = std::vector<Number>;

/// A proposition on outcomes, in postfix order.
struct Proposition {
  enum class Op : std::uint8_t { always, never, equal, unequal, negation, conjunction, disjunction };
  struct Item {
    Op op;
    std::size_t observable = 0;  ///< of equal and unequal
    Number value = 0;
  };
  std::vector<Item> items;

  bool holds(const Outcome& outcome) const;
};

enum class Quantifier : std::uint8_t { exists, not_exists, forall };

struct Test {
  std::string file;
  std::string language;  ///< as in the file's first word: "X86", "X86_64", "C"
  std::string name;
  std::vector<Location> locations;
  std::vector<Thread> threads;
  std::vector<Observable> observables;  ///< all visible registers by thread, then all locations
  std::vector<std::size_t> shown;       ///< those of the condition and of `locations [...]`
  Quantifier quantifier = Quantifier::exists;
  Proposition condition;
  std::string condition_text;  ///< as in the file, in one line
  Proposition filter;          ///< outcomes without it do not count
  /// Metadata of the lines before the initial state: "Orig" and "PodWR Fre PodWR Fre".
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// "0:EAX=0; 1:EAX=1; [x]=1;" of the shown observables, or of all.
std::string shown_text(const Test& test, const Outcome& outcome);
std::string full_text(const Test& test, const Outcome& outcome);

}  // namespace baton::litmus
