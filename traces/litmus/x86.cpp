// x86 code: a table of instructions, a column for each thread, in Intel's order of operands (MOV [x],$1) or
// AT&T's (movl $1,(x)), which a "%" or "(" tells. Registers have one width: al, eax and rax are the same.

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "traces/litmus/builder.hpp"

namespace baton::litmus {

using Op = Expression::Op;

std::string x86_register(std::string_view name) {
  static constexpr std::string_view letters[] = {"a", "b", "c", "d"};
  static constexpr std::string_view others[] = {"si", "di", "bp", "sp"};
  const std::string low = lower(name);
  std::string_view r = low;
  for (const std::string_view x : letters)
    for (const std::string_view form : {"x", "l"})
      if (r == std::string(x) + std::string(form) || r == "e" + std::string(x) + "x" ||
          r == "r" + std::string(x) + "x")
        return "r" + std::string(x) + "x";
  for (const std::string_view x : others)
    if (r == x || r == "e" + std::string(x) || r == "r" + std::string(x) || r == std::string(x) + "l")
      return "r" + std::string(x);
  if (r.size() < 2 || r[0] != 'r') return "";
  if (r.ends_with('d') || r.ends_with('w') || r.ends_with('b')) r.remove_suffix(1);
  const std::string number(r.substr(1));
  for (int i = 8; i < 16; ++i)
    if (number == std::to_string(i)) return "r" + number;
  return "";
}

namespace {

struct Operand {
  enum class Is : std::uint8_t { reg, value, memory };
  Is is = Is::value;
  Expression value;  // of a register or value; the address of memory
  std::size_t reg = 0;
};

// Instructions that take a suffix for their width.
constexpr std::string_view sized[] = {"mov", "xchg", "xadd", "cmpxchg", "inc", "dec", "neg", "not",
                                      "add", "sub",  "and",  "or",      "xor", "cmp", "test"};

std::string without_suffix(const std::string& name) {
  const auto known = [](std::string_view n) {
    return std::find(std::begin(sized), std::end(sized), n) != std::end(sized);
  };
  if (known(name) || name.empty() || std::string_view("bwlq").find(name.back()) == std::string_view::npos)
    return name;
  const std::string shorter = name.substr(0, name.size() - 1);
  return known(shorter) ? shorter : name;
}

struct Arithmetic {
  std::string_view name;
  Does atomic;
  Op op;
};
constexpr Arithmetic arithmetic[] = {
    {"add", Does::add, Op::add},          {"sub", Does::subtract, Op::subtract},
    {"and", Does::bit_and, Op::bit_and},  {"or", Does::bit_or, Op::bit_or},
    {"xor", Does::bit_xor, Op::bit_xor},  {"inc", Does::add, Op::add},
    {"dec", Does::subtract, Op::subtract}};

// The code of one thread.
class Column {
 public:
  Column(const Source& source, Builder& builder, std::size_t thread)
      : source_(source), builder_(builder), thread_(thread) {}

  void read(std::size_t begin, std::size_t end) {
    Tokens tokens(source_, begin, end);
    while (tokens.peek().is == Token::Is::word && tokens.at(":", 1)) {
      labels_[std::string(tokens.take().text)] = code().size();
      tokens.take();
    }
    if (tokens.at_end()) return;
    line_ = source_.line_of(tokens.peek().offset);
    instruction(tokens);
    if (!tokens.at_end()) tokens.fail("unexpected behind the instruction: " + tokens.found());
  }

  void finish() {
    for (const auto& jump : jumps_) {
      const auto label = labels_.find(jump.label);
      if (label == labels_.end()) source_.fail(jump.offset, "there is no label \"" + jump.label + "\"");
      if (label->second <= jump.at)
        source_.fail(jump.offset, "a jump back to \"" + jump.label + "\": loops are not supported");
      code()[jump.at].to = label->second;
    }
  }

 private:
  struct Jump {
    std::size_t at;
    std::string label;
    std::size_t offset;
  };

  std::vector<Instruction>& code() { return builder_.thread(thread_).code; }
  void emit(Instruction instruction) {
    instruction.line = line_;
    code().push_back(std::move(instruction));
  }
  void assign(std::size_t reg, Expression value) {
    emit({.does = Does::assign, .operand = std::move(value), .target = static_cast<int>(reg)});
  }
  std::size_t flags() {
    if (!flags_) flags_ = builder_.temporary(thread_);
    return *flags_;
  }

  // ---- Operands

  std::size_t reg(const Token& token) {
    const std::string key = x86_register(token.text);
    if (key.empty())
      source_.fail(token.offset, "\"" + std::string(token.text) + "\" is no general register of x86");
    return builder_.reg(thread_, key, token.text);
  }

  // "x", a register, or a sum of these and numbers, up to the closing bracket: an address.
  Operand memory(Tokens& tokens, std::string_view close) {
    Operand operand{Operand::Is::memory, {}, 0};
    do {
      Expression term;
      if (tokens.at_number()) {
        term = Expression::constant(tokens.expect_number());
      } else {
        tokens.accept("%");
        const Token name = tokens.expect_word("a location or a register");
        term = x86_register(name.text).empty()
                   ? Expression::constant(address_of(builder_.location(name.text)))
                   : Expression::reg(reg(name));
      }
      if (operand.value.items.empty())
        operand.value = term;
      else
        operand.value.then(term, Op::add);
    } while (tokens.accept("+"));
    if (!tokens.at(close))
      tokens.fail("addresses are locations, registers and their sums; " + tokens.found());
    tokens.take();
    return operand;
  }

  Operand operand(Tokens& tokens) {
    while (tokens.peek().is == Token::Is::word && is_width(tokens.peek().text)) tokens.take();
    if (tokens.accept("[")) return memory(tokens, "]");
    if (tokens.accept("(")) return memory(tokens, ")");
    if (tokens.accept("$")) {
      if (tokens.peek().is == Token::Is::word)
        return {Operand::Is::value, Expression::constant(address_of(builder_.location(tokens.take().text))),
                0};
      return {Operand::Is::value, Expression::constant(tokens.expect_number()), 0};
    }
    if (tokens.at_number()) {
      const Token at = tokens.peek();
      const Number number = tokens.expect_number();
      if (!tokens.accept("(")) return {Operand::Is::value, Expression::constant(number), 0};
      if (number != 0) source_.fail(at.offset, "an address with an offset is not supported");
      return memory(tokens, ")");
    }
    tokens.accept("%");
    const Token name = tokens.expect_word("an operand");
    if (tokens.at("(") && lower(tokens.peek(2).text) == "rip") {  // x(%rip)
      for (int i = 0; i < 3; ++i) tokens.take();
      tokens.expect(")");
      return {Operand::Is::memory, Expression::constant(address_of(builder_.location(name.text))), 0};
    }
    const std::size_t index = reg(name);
    return {Operand::Is::reg, Expression::reg(index), index};
  }

  static bool is_width(std::string_view text) {
    const std::string word = lower(text);
    return word == "byte" || word == "word" || word == "dword" || word == "qword" || word == "ptr";
  }

  // The operands in Intel's order: the target first.
  std::vector<Operand> operands(Tokens& tokens) {
    std::vector<Operand> list;
    bool att = false;
    while (!tokens.at_end()) {
      if (!list.empty()) tokens.expect(",");
      for (std::size_t i = 0; !tokens.at(",", i) && tokens.peek(i).is != Token::Is::end; ++i)
        att = att || tokens.at("%", i) || tokens.at("(", i);
      list.push_back(operand(tokens));
    }
    if (att) std::reverse(list.begin(), list.end());
    return list;
  }

  // ---- Instructions

  /// The operand's value, loaded if it is in memory.
  Expression value_of(const Operand& operand) {
    if (operand.is != Operand::Is::memory) return operand.value;
    const std::size_t loaded = builder_.temporary(thread_);
    emit({.does = Does::load, .address = operand.value, .target = static_cast<int>(loaded)});
    return Expression::reg(loaded);
  }

  void instruction(Tokens& tokens) {
    const Token first = tokens.peek();
    const bool lock = lower(first.text) == "lock" && (tokens.take(), true);
    const Token mnemonic = tokens.expect_word("an instruction");
    const std::string name = without_suffix(lower(mnemonic.text));
    if (name[0] == 'j') return jump(tokens, name, mnemonic);
    const std::vector<Operand> list = operands(tokens);
    const auto wants = [&](std::size_t count) {
      if (list.size() != count)
        source_.fail(mnemonic.offset, std::string(mnemonic.text) + " has " + std::to_string(list.size()) +
                                          " operands; it takes " + std::to_string(count));
    };
    const bool in_memory = !list.empty() && list[0].is == Operand::Is::memory;
    const bool touches = in_memory || (list.size() == 2 && list[1].is == Operand::Is::memory);
    if (lock && !touches) source_.fail(first.offset, "LOCK needs an instruction that writes to memory");
    if (name == "mfence") return wants(0), emit({.does = Does::fence, .order = Order::seq_cst});
    if (name == "lfence") return wants(0), emit({.does = Does::fence, .order = Order::acquire});
    if (name == "sfence") return wants(0), emit({.does = Does::fence, .order = Order::release});
    if (name == "nop" || name == "pause") return wants(0);
    if (name == "mov") return wants(2), move(list[0], list[1], mnemonic);
    if (name == "xchg") return wants(2), exchange(list[0], list[1], mnemonic);
    if (name == "xadd") return wants(2), exchange_add(list[0], list[1], lock, mnemonic);
    if (name == "cmpxchg") return wants(2), compare_exchange(list[0], list[1], lock, mnemonic);
    if (name == "cmp" || name == "test") {
      wants(2);
      Expression left = value_of(list[0]);
      return assign(flags(), left.then(value_of(list[1]), name == "cmp" ? Op::subtract : Op::bit_and));
    }
    for (const Arithmetic& which : arithmetic) {
      if (name != which.name) continue;
      const bool one = name == "inc" || name == "dec";
      wants(one ? 1 : 2);
      return compute(list[0], one ? Expression::constant(1) : value_of(list[1]), which, lock);
    }
    if ((name == "neg" || name == "not") && list.size() == 1 && list[0].is == Operand::Is::reg) {
      Expression value = list[0].value;
      return assign(list[0].reg, value.then(name == "neg" ? Op::negate : Op::complement));
    }
    source_.fail(mnemonic.offset,
                 "the instruction " + std::string(mnemonic.text) +
                     " is not supported; supported are MOV, XCHG, [LOCK] XADD, CMPXCHG, INC, DEC, "
                     "ADD, SUB, AND, OR, XOR, CMP, TEST, NEG, NOT, jumps forward, MFENCE, LFENCE, "
                     "SFENCE, PAUSE and NOP");
  }

  void writable(const Operand& operand, const Token& at) const {
    if (operand.is == Operand::Is::value)
      source_.fail(at.offset, std::string(at.text) + " cannot write to a number");
  }

  void move(const Operand& to, const Operand& from, const Token& at) {
    writable(to, at);
    if (to.is == Operand::Is::memory) {
      if (from.is == Operand::Is::memory) source_.fail(at.offset, "MOV from memory to memory");
      return emit({.does = Does::store, .address = to.value, .operand = from.value});
    }
    if (from.is == Operand::Is::memory)
      return emit({.does = Does::load, .address = from.value, .target = static_cast<int>(to.reg)});
    assign(to.reg, from.value);
  }

  // With memory it is locked, prefix or not.
  void exchange(const Operand& a, const Operand& b, const Token& at) {
    const Operand& memory = a.is == Operand::Is::memory ? a : b;
    const Operand& other = a.is == Operand::Is::memory ? b : a;
    if (other.is != Operand::Is::reg || memory.is == Operand::Is::value)
      source_.fail(at.offset, "XCHG needs a register, and a register or memory");
    if (memory.is == Operand::Is::memory)
      return emit({.does = Does::exchange,
                   .order = Order::seq_cst,
                   .address = memory.value,
                   .operand = other.value,
                   .target = static_cast<int>(other.reg)});
    const std::size_t kept = builder_.temporary(thread_);
    assign(kept, memory.value);
    assign(memory.reg, other.value);
    assign(other.reg, Expression::reg(kept));
  }

  void exchange_add(const Operand& to, const Operand& from, bool lock, const Token& at) {
    if (to.is != Operand::Is::memory || from.is != Operand::Is::reg)
      source_.fail(at.offset, "XADD needs memory and a register");
    const std::size_t sum = builder_.temporary(thread_);
    const auto target = static_cast<int>(from.reg);
    assign(sum, from.value);
    if (lock) {
      emit({.does = Does::add,
            .order = Order::seq_cst,
            .address = to.value,
            .operand = from.value,
            .target = target});
    } else {
      emit({.does = Does::load, .address = to.value, .target = target});
    }
    assign(sum, Expression::reg(sum).then(from.value, Op::add));
    if (!lock) emit({.does = Does::store, .address = to.value, .operand = Expression::reg(sum)});
    assign(flags(), Expression::reg(sum));
  }

  // Compares with rax, which gets what memory had.
  void compare_exchange(const Operand& to, const Operand& from, bool lock, const Token& at) {
    if (to.is != Operand::Is::memory || from.is != Operand::Is::reg)
      source_.fail(at.offset, "CMPXCHG needs memory and a register");
    const std::size_t rax = builder_.reg(thread_, "rax", "RAX");
    const Expression expected = Expression::reg(rax);
    if (lock) {
      emit({.does = Does::compare_exchange,
            .order = Order::seq_cst,
            .address = to.value,
            .operand = from.value,
            .expected = expected,
            .target = static_cast<int>(rax),
            .success = static_cast<int>(flags())});
      return assign(flags(), Expression::reg(flags()).then(Op::logical_not));
    }
    Expression seen = value_of(to);
    assign(flags(), Expression(seen).then(expected, Op::subtract));
    // Unlocked, it stores in any case: what it saw, if that is not what it expected.
    const std::size_t stored = builder_.temporary(thread_);
    assign(stored, seen);
    emit({.does = Does::jump_if_zero,
          .operand = Expression::reg(flags()).then(Op::logical_not),
          .to = code().size() + 2});
    assign(stored, from.value);
    emit({.does = Does::store, .address = to.value, .operand = Expression::reg(stored)});
    assign(rax, seen);
  }

  void compute(const Operand& to, const Expression& from, const Arithmetic& which, bool lock) {
    if (to.is == Operand::Is::reg) {
      assign(to.reg, Expression(to.value).then(from, which.op));
      return assign(flags(), to.value);
    }
    const std::size_t result = builder_.temporary(thread_);
    emit({.does = lock ? which.atomic : Does::load,
          .order = lock ? Order::seq_cst : Order::relaxed,
          .address = to.value,
          .operand = lock ? from : Expression{},
          .target = static_cast<int>(result)});
    assign(result, Expression::reg(result).then(from, which.op));
    if (!lock) emit({.does = Does::store, .address = to.value, .operand = Expression::reg(result)});
    assign(flags(), Expression::reg(result));
  }

  // Jumps compare the flags' number with 0; what is written here is when they do *not* jump.
  void jump(Tokens& tokens, const std::string& name, const Token& at) {
    static const std::map<std::string, Op> falls_through = {
        {"je", Op::unequal},       {"jz", Op::unequal}, {"jne", Op::equal},     {"jnz", Op::equal},
        {"jl", Op::greater_equal}, {"jge", Op::less},   {"jg", Op::less_equal}, {"jle", Op::greater},
        {"js", Op::greater_equal}, {"jns", Op::less}};
    Expression stays = Expression::constant(0);
    if (name != "jmp") {
      const auto found = falls_through.find(name);
      if (found == falls_through.end())
        source_.fail(at.offset,
                     "the jump " + std::string(at.text) +
                         " is not supported; supported are JMP, JE, JZ, JNE, JNZ, JL, JGE, JG, JLE, JS "
                         "and JNS");
      stays = Expression::reg(flags()).then(Expression::constant(0), found->second);
    }
    const Token label = tokens.expect_word("a label");
    jumps_.push_back({code().size(), std::string(label.text), label.offset});
    emit({.does = Does::jump_if_zero, .operand = stays});
  }

  const Source& source_;
  Builder& builder_;
  std::size_t thread_;
  std::size_t line_ = 0;
  std::optional<std::size_t> flags_;  // a register: the last result, compared with 0
  std::map<std::string, std::size_t> labels_;
  std::vector<Jump> jumps_;
};

}  // namespace

void read_x86(const Source& source, std::size_t begin, std::size_t end, Builder& builder) {
  const std::string_view text = source.text();
  std::vector<Column> columns;
  bool first = true;
  for (std::size_t at = text.find_first_not_of(" \t\n", begin); at < end;
       at = text.find_first_not_of(" \t\n", at)) {
    const std::size_t stop = text.find(';', at);
    if (stop >= end) source.fail(at, "a row of the table of instructions must end in \";\"");
    std::size_t number = 0;
    for (std::size_t cell = at; cell <= stop; ++number) {
      const std::size_t bar = std::min(text.find('|', cell), stop);
      if (first) {
        Tokens name(source, cell, bar);
        if (name.take().text != "P" + std::to_string(number))
          source.fail(cell, "the table's first row must name the threads: P0 | P1 | ...; column " +
                                std::to_string(number) + " does not");
        if (number == most_threads)
          source.fail(cell, "more than " + std::to_string(most_threads) + " threads");
        builder.thread(number);
        columns.emplace_back(source, builder, number);
      } else {
        if (number == columns.size())
          source.fail(cell, "more columns than threads, of which there are " + std::to_string(number));
        columns[number].read(cell, bar);
      }
      cell = bar + 1;
    }
    first = false;
    at = stop + 1;
  }
  for (Column& column : columns) column.finish();
}

}  // namespace baton::litmus
