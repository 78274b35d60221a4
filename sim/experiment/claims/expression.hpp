#pragma once
// Arithmetic over columns of result rows: "throughput[protocol=ownership] / throughput[protocol=MESI]".

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::experiment {

/// A syntax error, or a name that does not exist. `column` counts characters of the expression from 1.
class ExpressionError : public std::runtime_error {
 public:
  ExpressionError(std::size_t column, const std::string& message)
      : std::runtime_error("column " + std::to_string(column) + ": " + message) {}
};

/// Fixes an axis of the sweep, as "protocol=MESI" in brackets behind a column.
struct Selector {
  std::string axis;
  std::string value;
  std::size_t axis_column = 1;
  std::size_t value_column = 1;
};

/// A column that an expression names, with the axes that it fixes.
struct Reference {
  std::string name;
  std::size_t column = 1;
  std::vector<Selector> selectors;
};

/// Numbers, columns, + - * /, parentheses, min(a, b, ...) and max(a, b, ...).
class Expression {
 public:
  /// Throws ExpressionError.
  static Expression parse(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<Reference>& references() const { return references_; }

  /// NaN where a value that it needs is NaN; a division by zero gives an infinity or NaN, as in IEEE 754.
  double evaluate(const std::function<double(const Reference&)>& value) const;

 private:
  friend class ExpressionParser;
  enum class Operation { number, reference, add, subtract, multiply, divide, negate, least, greatest };
  /// In postfix order.
  struct Step {
    Operation operation;
    double number = 0;
    std::size_t count = 0;  ///< the reference's index; how many values min and max take
  };

  std::string text_;
  std::vector<Step> steps_;
  std::vector<Reference> references_;
};

}  // namespace baton::experiment
