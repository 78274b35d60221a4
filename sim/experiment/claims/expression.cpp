#include "sim/experiment/claims/expression.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace baton::experiment {
namespace {

constexpr std::size_t deepest = 200;  // parentheses; beyond it the recursion could fill the stack

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool in_name(char c) {
  return begins_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

/// By recursive descent: sum, product, factor.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) { expression_.text_ = text; }

  Expression parse() {
    sum();
    if (!at_end()) fail("expected an operator or the end, found " + found());
    return std::move(expression_);
  }

 private:
  using Operation = Expression::Operation;

  [[noreturn]] void fail(const std::string& message) const { throw ExpressionError(at_ + 1, message); }

  void skip_spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail(std::string("expected \"") + c + "\", found " + found());
  }

  std::string found() const { return at_ < text_.size() ? std::string("\"") + text_[at_] + "\"" : "the end"; }

  void emit(Operation operation, double number = 0, std::size_t count = 0) {
    expression_.steps_.push_back({operation, number, count});
  }

  void sum() {
    product();
    while (true) {
      const bool plus = take('+');
      if (!plus && !take('-')) return;
      product();
      emit(plus ? Operation::add : Operation::subtract);
    }
  }

  void product() {
    factor();
    while (true) {
      const bool times = take('*');
      if (!times && !take('/')) return;
      factor();
      emit(times ? Operation::multiply : Operation::divide);
    }
  }

  void factor() {
    if (++depth_ > deepest) fail("is nested too deeply");
    if (take('-')) {
      factor();
      emit(Operation::negate);
    } else if (take('(')) {
      sum();
      expect(')');
    } else if (!at_end() && begins_name(text_[at_])) {
      named();
    } else if (!at_end() &&
               (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.')) {
      number();
    } else {
      fail("expected a number, a column or \"(\", found " + found());
    }
    --depth_;
  }

  void number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("is no number");
    at_ = static_cast<std::size_t>(end - text_.data());
    emit(Operation::number, value);
  }

  std::string name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  void named() {
    Reference reference;
    reference.column = at_ + 1;
    reference.name = name();
    if ((reference.name == "min" || reference.name == "max") && take('(')) {
      std::size_t values = 0;
      do {
        sum();
        ++values;
      } while (take(','));
      expect(')');
      emit(reference.name == "min" ? Operation::least : Operation::greatest, 0, values);
      return;
    }
    if (take('[')) {
      do selector(reference);
      while (take(','));
      expect(']');
    }
    emit(Operation::reference, 0, expression_.references_.size());
    expression_.references_.push_back(std::move(reference));
  }

  void selector(Reference& reference) {
    Selector selector;
    if (at_end() || !begins_name(text_[at_])) fail("expected the name of an axis, found " + found());
    selector.axis_column = at_ + 1;
    selector.axis = name();
    const auto same = [&](const Selector& other) { return other.axis == selector.axis; };
    if (std::ranges::any_of(reference.selectors, same)) {
      throw ExpressionError(selector.axis_column, "the axis \"" + selector.axis + "\" is fixed twice");
    }
    expect('=');
    skip_spaces();
    selector.value_column = at_ + 1;
    if (take('"')) {
      const std::size_t end = text_.find('"', at_);
      if (end == std::string_view::npos) fail("the string has no end");
      selector.value = text_.substr(at_, end - at_);
      at_ = end + 1;
    } else {
      const std::size_t end = std::min(text_.find_first_of(",]", at_), text_.size());
      selector.value = text_.substr(at_, end - at_);
      while (!selector.value.empty() && std::isspace(static_cast<unsigned char>(selector.value.back())) != 0)
        selector.value.pop_back();
      if (selector.value.empty()) fail("expected a value of the axis, found " + found());
      at_ = end;
    }
    reference.selectors.push_back(std::move(selector));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expression expression_;
};

Expression Expression::parse(std::string_view text) {
  return ExpressionParser(text).parse();
}

double Expression::evaluate(const std::function<double(const Reference&)>& value) const {
  std::vector<double> stack;
  const auto pop = [&] {
    const double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::number:
        stack.push_back(step.number);
        break;
      case Operation::reference:
        stack.push_back(value(references_[step.count]));
        break;
      case Operation::negate:
        stack.back() = -stack.back();
        break;
      case Operation::least:
      case Operation::greatest: {
        double best = pop();
        for (std::size_t i = 1; i < step.count; ++i) {
          const double other = pop();
          // std::min would pass over a NaN, or not, by the order of its arguments.
          if (std::isnan(best) || std::isnan(other)) {
            best = std::nan("");
          } else {
            best = step.operation == Operation::least ? std::min(best, other) : std::max(best, other);
          }
        }
        stack.push_back(best);
        break;
      }
      default: {
        const double right = pop();
        const double left = pop();
        stack.push_back(step.operation == Operation::add        ? left + right
                        : step.operation == Operation::subtract ? left - right
                        : step.operation == Operation::multiply ? left * right
                                                                : left / right);
      }
    }
  }
  return stack.back();
}

}  // namespace baton::experiment
