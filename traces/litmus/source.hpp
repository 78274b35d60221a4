#pragma once
// The text of a litmus file: comments blanked, places as lines, words and symbols as tokens.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/litmus/test.hpp"

namespace baton::litmus {

/// A file's text in which comments have become blanks, so that every place is where it was.
class Source {
 public:
  Source(std::string file, std::string text);

  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }
  std::size_t line_of(std::size_t offset) const;
  /// Throws traces::InputError: "FILE: line 3: problem".
  [[noreturn]] void fail(std::size_t offset, const std::string& problem) const;

 private:
  std::string file_;
  std::string text_;
};

struct Token {
  enum class Is : std::uint8_t { word, number, symbol, end };
  Is is = Is::end;
  std::string_view text;
  std::size_t offset = 0;
  Number value = 0;  ///< Is::number
};

/// Reads tokens of source.text()[begin, end).
class Tokens {
 public:
  Tokens(const Source& source, std::size_t begin, std::size_t end);

  const Source& source() const { return *source_; }
  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  bool at(std::string_view text, std::size_t ahead = 0) const { return peek(ahead).text == text; }
  bool at_end() const { return peek().is == Token::Is::end; }
  /// Takes the next token if it is this one.
  bool accept(std::string_view text);
  /// Takes it, or fails.
  void expect(std::string_view text);
  Token expect_word(std::string_view what);
  /// A number, with its sign.
  Number expect_number();
  bool at_number() const;

  [[noreturn]] void fail(const std::string& problem) const { source_->fail(peek().offset, problem); }
  /// "found X", for messages.
  std::string found() const;

 private:
  const Source* source_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

/// Lower-case letters.
std::string lower(std::string_view text);

}  // namespace baton::litmus
