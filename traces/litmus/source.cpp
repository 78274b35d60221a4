#include "traces/litmus/source.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "traces/error.hpp"

namespace baton::litmus {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Comments are (* nested *) outside of the bodies of C functions, where (*x) is an expression, and those of
// C.
class Blanker {
 public:
  explicit Blanker(std::string& text) : text_(text) {}

  void run() {
    const auto first = text_.find_first_not_of(" \t\r\n");
    in_c_ = first != std::string::npos && text_[first] == 'C' && first + 1 < text_.size() &&
            !is_letter(text_[first + 1]) && !is_digit(text_[first + 1]);
    while (at_ < text_.size()) step();
  }

 private:
  bool sees(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }

  void step() {
    const bool body = in_c_ && groups_ > 0 && depth_ > 0;
    if (!body && sees("(*")) return blank_nested();
    if (sees("/*")) return blank_until("*/");
    if (sees("//")) return blank_line();
    const char c = text_[at_];
    if (c == '"') return skip_string();
    if (c == '{') ++depth_;
    if (c == '}' && --depth_ == 0) ++groups_;  // the first group is the initial state
    ++at_;
  }

  void blank(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_)
      if (text_[at_] != '\n') text_[at_] = ' ';
  }
  void blank_nested() {
    int depth = 0;
    do {
      if (sees("(*")) {
        ++depth;
        blank(2);
      } else if (sees("*)")) {
        --depth;
        blank(2);
      } else {
        blank(1);
      }
    } while (depth > 0 && at_ < text_.size());
  }
  void blank_until(std::string_view end) {
    const auto found = text_.find(end, at_ + 2);
    blank(found == std::string::npos ? text_.size() - at_ : found + end.size() - at_);
  }
  void blank_line() {
    const auto found = text_.find('\n', at_);
    blank(found == std::string::npos ? text_.size() - at_ : found - at_);
  }
  // A string ends in its line, or it is none.
  void skip_string() {
    const auto end = text_.find_first_of("\"\n", at_ + 1);
    at_ = end != std::string::npos && text_[end] == '"' ? end + 1 : at_ + 1;
  }

  std::string& text_;
  std::size_t at_ = 0;
  bool in_c_ = false;
  int depth_ = 0;
  int groups_ = 0;
};

constexpr std::string_view symbols[] = {"/\\", "\\/", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>",
                                        "<>",  "=>",  "++", "--", "+=", "-=", "|=", "&=", "^="};

}  // namespace

Source::Source(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {
  std::erase(text_, '\r');
  Blanker(text_).run();
}

std::size_t Source::line_of(std::size_t offset) const {
  const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size()));
  return 1 + static_cast<std::size_t>(std::count(text_.begin(), end, '\n'));
}

void Source::fail(std::size_t offset, const std::string& problem) const {
  throw traces::InputError(file_, "line " + std::to_string(line_of(offset)), problem);
}

Tokens::Tokens(const Source& source, std::size_t begin, std::size_t end) : source_(&source) {
  const std::string_view text = source.text().substr(0, end);
  for (std::size_t at = begin; at < end;) {
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      ++at;
      continue;
    }
    Token token{Token::Is::symbol, text.substr(at, 1), at, 0};
    if (is_digit(text[at])) {
      const bool hex = text.substr(at, 2) == "0x" || text.substr(at, 2) == "0X";
      const char* first = text.data() + at + (hex ? 2 : 0);
      std::uint64_t value = 0;
      const auto read = std::from_chars(first, text.data() + end, value, hex ? 16 : 10);
      auto size = static_cast<std::size_t>(read.ptr - text.data()) - at;
      while (at + size < end && std::string_view("uUlL").find(text[at + size]) != std::string_view::npos)
        ++size;
      if (read.ec != std::errc() || (at + size < end && is_letter(text[at + size])))
        source.fail(at, "no number: \"" + std::string(text.substr(at, size + 1)) + "\"");
      token = {Token::Is::number, text.substr(at, size), at, static_cast<Number>(value)};
    } else if (is_letter(text[at])) {
      std::size_t size = 1;
      while (at + size < end && (is_letter(text[at + size]) || is_digit(text[at + size]))) ++size;
      token = {Token::Is::word, text.substr(at, size), at, 0};
    } else {
      for (const std::string_view symbol : symbols)
        if (text.substr(at, symbol.size()) == symbol) token.text = text.substr(at, symbol.size());
    }
    tokens_.push_back(token);
    at += token.text.size();
  }
  tokens_.push_back({Token::Is::end, text.substr(end), end, 0});
}

const Token& Tokens::peek(std::size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

Token Tokens::take() {
  const Token token = peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}

bool Tokens::accept(std::string_view text) {
  if (!at(text)) return false;
  take();
  return true;
}

void Tokens::expect(std::string_view text) {
  if (!accept(text)) fail("expected \"" + std::string(text) + "\", " + found());
}

Token Tokens::expect_word(std::string_view what) {
  if (peek().is != Token::Is::word) fail("expected " + std::string(what) + ", " + found());
  return take();
}

bool Tokens::at_number() const {
  return peek().is == Token::Is::number || (at("-") && peek(1).is == Token::Is::number);
}

Number Tokens::expect_number() {
  const bool negative = accept("-");
  if (peek().is != Token::Is::number) fail("expected a number, " + found());
  const Number value = take().value;
  return negative ? -value : value;
}

std::string Tokens::found() const {
  if (at_end()) return "found nothing more";
  return "found \"" + std::string(peek().text) + "\"";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace baton::litmus
