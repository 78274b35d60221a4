// C code: a function for each thread, whose parameters are pointers to the shared words. What herd's C tests
// have: C11 atomics, plain and volatile accesses, the Linux kernel's accessors, locals, if and else.

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "traces/litmus/builder.hpp"

namespace baton::litmus {
namespace {

using Op = Expression::Op;

constexpr std::string_view type_words[] = {"void",        "int",         "long",          "unsigned",
                                           "signed",      "char",        "short",         "bool",
                                           "_Bool",       "volatile",    "const",         "_Atomic",
                                           "atomic_int",  "atomic_uint", "atomic_long",   "atomic_ulong",
                                           "atomic_bool", "atomic_t",    "atomic_long_t", "int8_t",
                                           "int16_t",     "int32_t",     "int64_t",       "uint8_t",
                                           "uint16_t",    "uint32_t",    "uint64_t",      "intptr_t",
                                           "uintptr_t",   "size_t",      "ptrdiff_t",     "atomic_intptr_t",
                                           "static",      "register",    "u32",           "u64",
                                           "s32",         "s64",         "__restrict"};

bool is_type(std::string_view word) {
  return std::find(std::begin(type_words), std::end(type_words), word) != std::end(type_words);
}

struct Binary {
  std::string_view symbol;
  int level;
  Op op;
};
constexpr Binary binaries[] = {
    {"|", 1, Op::bit_or},      {"^", 2, Op::bit_xor},      {"&", 3, Op::bit_and},
    {"==", 4, Op::equal},      {"!=", 4, Op::unequal},     {"<", 5, Op::less},
    {"<=", 5, Op::less_equal}, {">", 5, Op::greater},      {">=", 5, Op::greater_equal},
    {"<<", 6, Op::shift_left}, {">>", 6, Op::shift_right}, {"+", 7, Op::add},
    {"-", 7, Op::subtract},    {"*", 8, Op::multiply}};

class Function {
 public:
  Function(Tokens& tokens, Builder& builder, std::size_t thread)
      : tokens_(tokens), builder_(builder), thread_(thread) {}

  void read() {
    tokens_.expect("(");
    while (!tokens_.accept(")")) {
      parameter();
      if (!tokens_.at(")")) tokens_.expect(",");
    }
    if (!tokens_.at("{")) tokens_.fail("expected the function's body in { }, " + tokens_.found());
    statement();
  }

 private:
  std::vector<Instruction>& code() { return builder_.thread(thread_).code; }
  std::size_t emit(Instruction instruction) {
    instruction.line = tokens_.source().line_of(tokens_.peek().offset);
    code().push_back(std::move(instruction));
    return code().size() - 1;
  }
  void assign(std::size_t reg, const Expression& value) {
    emit({.does = Does::assign, .operand = value, .target = static_cast<int>(reg)});
  }
  std::size_t temporary() { return builder_.temporary(thread_); }
  /// Emits what leaves a number in a new register.
  Expression result(Instruction instruction) {
    const std::size_t reg = temporary();
    instruction.target = static_cast<int>(reg);
    emit(std::move(instruction));
    return Expression::reg(reg);
  }
  [[noreturn]] void unsupported(const Token& at, const std::string& what) const {
    tokens_.source().fail(at.offset, what);
  }

  // Skips "volatile int *": true if there was a type.
  bool type() {
    bool any = false;
    while (is_type(tokens_.peek().text) || tokens_.at("struct") || (any && tokens_.at("*")) ||
           (any && tokens_.at("(") && is_type(tokens_.peek(1).text))) {
      if (tokens_.at("struct")) tokens_.fail("structs are not supported");
      if (tokens_.at("(")) {  // _Atomic(int)
        while (!tokens_.accept(")")) tokens_.take();
      } else {
        tokens_.take();
      }
      any = true;
    }
    return any;
  }

  void parameter() {
    type();
    if (tokens_.at(")")) return;  // (void)
    const Token name = tokens_.expect_word("a parameter's name");
    if (tokens_.at("[")) tokens_.fail("arrays are not supported");
    builder_.location(name.text);
  }

  // ---- Statements

  void statement() {
    const Token first = tokens_.peek();
    if (tokens_.accept("{")) {
      while (!tokens_.accept("}")) statement();
      return;
    }
    if (tokens_.accept(";")) return;
    for (const std::string_view word : {"while", "for", "do", "goto", "switch", "return", "asm", "__asm__"})
      if (first.text == word)
        unsupported(first, "\"" + std::string(word) + "\" is not supported; if and else are");
    if (tokens_.accept("if")) return conditional();
    if (is_type(first.text) || first.text == "struct") {
      declaration();
    } else if (first.text == "*") {
      store();
    } else if (first.is == Token::Is::word && !tokens_.at("(", 1)) {
      assignment();
    } else {
      expression();
    }
    tokens_.expect(";");
  }

  void conditional() {
    tokens_.expect("(");
    const Expression condition = expression();
    tokens_.expect(")");
    const std::size_t skip = emit({.does = Does::jump_if_zero, .operand = condition});
    statement();
    if (!tokens_.accept("else")) {
      code()[skip].to = code().size();
      return;
    }
    const std::size_t leave = emit({.does = Does::jump_if_zero});  // of 0: always
    code()[skip].to = code().size();
    statement();
    code()[leave].to = code().size();
  }

  void declaration() {
    type();
    do {
      tokens_.accept("*");
      const Token name = tokens_.expect_word("a local variable's name");
      if (tokens_.at("[")) tokens_.fail("arrays are not supported");
      const std::size_t local = builder_.reg(thread_, std::string(name.text), name.text);
      if (tokens_.accept("=")) assign(local, expression());
    } while (tokens_.accept(","));
  }

  void assignment() {
    const Token name = tokens_.take();
    const std::string key(name.text);
    if (!builder_.has_reg(thread_, key)) unknown(name);
    const std::size_t local = builder_.reg(thread_, key, name.text);
    if (tokens_.accept("=")) return assign(local, expression());
    for (const auto& [symbol, op] : {std::pair{"+=", Op::add},
                                     {"-=", Op::subtract},
                                     {"|=", Op::bit_or},
                                     {"&=", Op::bit_and},
                                     {"^=", Op::bit_xor}}) {
      if (!tokens_.accept(symbol)) continue;
      Expression sum = Expression::reg(local);
      return assign(local, sum.then(expression(), op));
    }
    tokens_.fail("expected an assignment, " + tokens_.found());
  }

  void store() {
    const Expression address = pointed();
    tokens_.expect("=");
    const Expression value = expression();
    emit({.does = Does::store, .address = address, .operand = value});
  }

  [[noreturn]] void unknown(const Token& name) const {
    unsupported(name, "\"" + std::string(name.text) + "\" is neither a parameter nor a local variable");
  }

  // ---- Expressions. Loads are emitted where they stand.

  Expression expression() { return disjunction(); }

  // The second operand is only evaluated if the first does not decide.
  Expression disjunction() {
    Expression left = conjunction();
    while (tokens_.accept("||")) left = decided(left, true, [this] { return conjunction(); });
    return left;
  }
  Expression conjunction() {
    Expression left = binary(1);
    while (tokens_.accept("&&")) left = decided(left, false, [this] { return binary(1); });
    return left;
  }
  template <class Right>
  Expression decided(Expression left, bool by, Right right) {
    const std::size_t truth = temporary();
    assign(truth, left.then(Expression::constant(0), Op::unequal));
    Expression goes_on = Expression::reg(truth);
    if (by) goes_on.then(Op::logical_not);
    const std::size_t skip = emit({.does = Does::jump_if_zero, .operand = goes_on});
    Expression second = right();
    assign(truth, second.then(Expression::constant(0), Op::unequal));
    code()[skip].to = code().size();
    return Expression::reg(truth);
  }

  Expression binary(int level) {
    Expression left = unary();
    for (;;) {
      const auto found = std::find_if(std::begin(binaries), std::end(binaries), [&](const Binary& b) {
        return tokens_.at(b.symbol) && b.level >= level;
      });
      if (found == std::end(binaries)) return left;
      tokens_.take();
      left.then(binary(found->level + 1), found->op);
    }
  }

  Expression unary() {
    if (tokens_.accept("-")) return unary().then(Op::negate);
    if (tokens_.accept("~")) return unary().then(Op::complement);
    if (tokens_.accept("!")) return unary().then(Op::logical_not);
    if (tokens_.at("*")) {
      const Expression address = pointed();
      return result({.does = Does::load, .address = address});
    }
    if (tokens_.at("&") && tokens_.at("*", 1)) {
      tokens_.take();
      return pointed();
    }
    if (tokens_.at("(") && is_type(tokens_.peek(1).text)) {  // a cast
      tokens_.take();
      type();
      tokens_.expect(")");
      return unary();
    }
    return primary();
  }

  // "*p": the address.
  Expression pointed() {
    tokens_.expect("*");
    return unary();
  }

  Expression primary() {
    if (tokens_.accept("(")) {
      Expression inner = expression();
      tokens_.expect(")");
      return inner;
    }
    if (tokens_.peek().is == Token::Is::number) return Expression::constant(tokens_.take().value);
    const Token name = tokens_.expect_word("an expression");
    if (tokens_.at("[")) tokens_.fail("arrays are not supported");
    if (tokens_.at("(")) return call(name);
    if (name.text == "true") return Expression::constant(1);
    if (name.text == "false" || name.text == "NULL") return Expression::constant(0);
    const std::string key(name.text);
    if (builder_.has_reg(thread_, key)) return Expression::reg(builder_.reg(thread_, key, name.text));
    if (builder_.knows(key)) return Expression::constant(address_of(builder_.location(key)));
    unknown(name);
  }

  // ---- Calls

  Expression argument() {
    Expression value = expression();
    if (!tokens_.at(")")) tokens_.expect(",");
    return value;
  }

  // "*x" of READ_ONCE(*x): the address.
  Expression place() {
    Expression address = pointed();
    if (!tokens_.at(")")) tokens_.expect(",");
    return address;
  }

  Order order() {
    static const std::map<std::string_view, Order> orders = {
        {"memory_order_relaxed", Order::relaxed}, {"memory_order_consume", Order::acquire},
        {"memory_order_acquire", Order::acquire}, {"memory_order_release", Order::release},
        {"memory_order_acq_rel", Order::acq_rel}, {"memory_order_seq_cst", Order::seq_cst}};
    const Token name = tokens_.expect_word("a memory order");
    const auto found = orders.find(name.text);
    if (found == orders.end())
      unsupported(name, "\"" + std::string(name.text) +
                            "\" is no memory order; they are memory_order_relaxed, "
                            "_consume, _acquire, _release, _acq_rel and _seq_cst");
    if (!tokens_.at(")")) tokens_.expect(",");
    return found->second;
  }
  Order order_if(bool is_explicit) { return is_explicit ? order() : Order::seq_cst; }

  Expression call(const Token& name) {
    tokens_.expect("(");
    std::string function(name.text);
    const bool is_explicit = function.ends_with("_explicit");
    if (is_explicit) function.erase(function.size() - std::string_view("_explicit").size());
    Expression value = c11(function, is_explicit) ? result_ : linux_kernel(name, function);
    tokens_.expect(")");
    return value;
  }

  Expression rmw(Does does, const Expression& address, const Expression& operand, Order order) {
    return result({.does = does, .order = order, .address = address, .operand = operand});
  }

  static bool is_location(const Expression& e) {
    return e.items.size() == 1 && e.items[0].op == Op::constant && e.items[0].value >= address_base;
  }

  // False: it is none of C11's. Else result_ is what it returns.
  bool c11(const std::string& function, bool is_explicit) {
    static const std::map<std::string, Does> modifies = {
        {"atomic_exchange", Does::exchange},  {"atomic_fetch_add", Does::add},
        {"atomic_fetch_sub", Does::subtract}, {"atomic_fetch_and", Does::bit_and},
        {"atomic_fetch_or", Does::bit_or},    {"atomic_fetch_xor", Does::bit_xor}};
    result_ = Expression::constant(0);
    if (const auto does = modifies.find(function); does != modifies.end()) {
      Expression address = argument();
      Expression operand = argument();
      // The Linux kernel's functions of these names have the number first.
      if (!is_location(address) && is_location(operand)) std::swap(address, operand);
      result_ = rmw(does->second, address, operand, order_if(is_explicit));
    } else if (function == "atomic_load") {
      const Expression address = argument();
      result_ = result({.does = Does::load, .order = order_if(is_explicit), .address = address});
    } else if (function == "atomic_store" || function == "atomic_init") {
      const Expression address = argument();
      const Expression value = argument();
      const Order order = function == "atomic_init" ? Order::relaxed : order_if(is_explicit);
      emit({.does = Does::store, .order = order, .address = address, .operand = value});
    } else if (function == "atomic_compare_exchange_strong" || function == "atomic_compare_exchange_weak") {
      compare_exchange(is_explicit);
    } else if (function == "atomic_thread_fence") {
      emit({.does = Does::fence, .order = order()});
    } else if (function == "atomic_signal_fence") {
      order();
    } else {
      return false;
    }
    return true;
  }

  // The expected number is a local's (&r) or a shared word's (e): it gets what was seen.
  void compare_exchange(bool is_explicit) {
    const Expression address = argument();
    const bool local = tokens_.at("&") && builder_.has_reg(thread_, std::string(tokens_.peek(1).text));
    if (local) tokens_.take();
    const Expression expected = argument();
    const Expression desired = argument();
    const Order order = order_if(is_explicit);
    if (is_explicit) this->order();
    const Expression value = local ? expected : result({.does = Does::load, .address = expected});
    const std::size_t seen = temporary();
    const std::size_t success = temporary();
    emit({.does = Does::compare_exchange,
          .order = order,
          .address = address,
          .operand = desired,
          .expected = value,
          .target = static_cast<int>(seen),
          .success = static_cast<int>(success)});
    const std::size_t skip =
        emit({.does = Does::jump_if_zero, .operand = Expression::reg(success).then(Op::logical_not)});
    if (local)
      assign(static_cast<std::size_t>(expected.items[0].value), Expression::reg(seen));
    else
      emit({.does = Does::store, .address = expected, .operand = Expression::reg(seen)});
    code()[skip].to = code().size();
    result_ = Expression::reg(success);
  }

  // The kernel's atomic_t: atomic_inc(x), atomic_add_return(2, x), …
  std::optional<Expression> linux_atomic(const std::string& function) {
    if (function == "atomic_read") {
      const Expression address = argument();
      return result({.does = Does::load, .address = address});
    }
    if (function == "atomic_set") {
      const Expression address = argument();
      const Expression value = argument();
      emit({.does = Does::store, .address = address, .operand = value});
      return Expression::constant(0);
    }
    for (const auto& [name, does, one] : {std::tuple{"atomic_inc", Does::add, true},
                                          {"atomic_dec", Does::subtract, true},
                                          {"atomic_add", Does::add, false},
                                          {"atomic_sub", Does::subtract, false}}) {
      const bool returns = function == std::string(name) + "_return";
      if (function != name && !returns) continue;
      const Expression operand = one ? Expression::constant(1) : argument();
      const Expression address = argument();
      Expression before = rmw(does, address, operand, Order::seq_cst);
      return returns ? before.then(operand, does == Does::add ? Op::add : Op::subtract)
                     : Expression::constant(0);
    }
    return {};
  }

  Expression linux_kernel(const Token& name, const std::string& function) {
    if (function == "READ_ONCE" || function == "rcu_dereference") {
      const Expression address = place();
      return result({.does = Does::load, .address = address});
    }
    if (function == "smp_load_acquire") {
      const Expression address = argument();
      return result({.does = Does::load, .order = Order::acquire, .address = address});
    }
    if (function == "WRITE_ONCE" || function == "rcu_assign_pointer" || function == "smp_store_release" ||
        function == "smp_store_mb") {
      const Expression address = function == "smp_store_release" ? argument() : place();
      const Expression value = argument();
      const Order order = function == "smp_store_mb" ? Order::seq_cst
                          : function == "WRITE_ONCE" ? Order::relaxed
                                                     : Order::release;
      emit({.does = Does::store, .order = order, .address = address, .operand = value});
      return Expression::constant(0);
    }
    for (const auto& [fence, order] : {std::pair{"smp_mb", Order::seq_cst},
                                       {"smp_rmb", Order::acquire},
                                       {"smp_wmb", Order::release},
                                       {"smp_mb__before_atomic", Order::seq_cst},
                                       {"smp_mb__after_atomic", Order::seq_cst},
                                       {"barrier", Order::relaxed}}) {
      if (function != fence) continue;
      emit({.does = Does::fence, .order = order});
      return Expression::constant(0);
    }
    if (function.starts_with("atomic_")) {
      if (auto value = linux_atomic(function)) return *value;
    }
    const std::string base = function.substr(0, function.find('_'));
    if (base == "xchg") {
      const Expression address = argument();
      const Expression value = argument();
      return rmw(Does::exchange, address, value, Order::seq_cst);
    }
    if (base == "cmpxchg") {
      const Expression address = argument();
      const Expression expected = argument();
      const Expression desired = argument();
      return result({.does = Does::compare_exchange,
                     .order = Order::seq_cst,
                     .address = address,
                     .operand = desired,
                     .expected = expected});
    }
    unsupported(
        name, "the function " + std::string(name.text) +
                  " is not supported; supported are atomic_load, _store, _exchange, _fetch_add, _sub, _and, "
                  "_or, _xor, _compare_exchange_strong and _weak, each also _explicit, atomic_thread_fence, "
                  "and of the Linux kernel READ_ONCE, WRITE_ONCE, smp_load_acquire, smp_store_release, "
                  "smp_store_mb, smp_mb, smp_rmb, smp_wmb, xchg and cmpxchg");
  }

  Tokens& tokens_;
  Builder& builder_;
  std::size_t thread_;
  Expression result_;  // of the last call
};

}  // namespace

void read_c(const Source& source, std::size_t begin, std::size_t end, Builder& builder) {
  Tokens tokens(source, begin, end);
  for (std::size_t number = 0; !tokens.at_end(); ++number) {
    while (is_type(tokens.peek().text)) tokens.take();
    const Token name = tokens.expect_word("a thread's function, P" + std::to_string(number));
    if (name.text != "P" + std::to_string(number))
      source.fail(name.offset, "expected the function P" + std::to_string(number) + ", found \"" +
                                   std::string(name.text) + "\"");
    if (number == most_threads)
      source.fail(name.offset, "more than " + std::to_string(most_threads) + " threads");
    builder.thread(number);
    Function(tokens, builder, number).read();
  }
}

}  // namespace baton::litmus
