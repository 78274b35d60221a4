#pragma once
// Reading text of one record a line, fast: a large buffer that always ends with a whole line, and scanners
// that need no length because the line's end stops them. Explaining what is wrong with a line is left to a
// slow second look.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traces/error.hpp"
#include "traces/import/source.hpp"
#include "traces/operation.hpp"

namespace baton::traces {

/// A text file as blocks of whole lines.
class LineInput {
 public:
  static constexpr std::size_t maximum_line_bytes = 256 * 1024;

  explicit LineInput(const std::string& path)
      : path_(path), source_(open_source(path)), buffer_(maximum_line_bytes + 1) {}

  /// The next block is [begin(), end()), not empty, and ends with '\n', added if the file's last line lacks
  /// it. False at the end of the file. `lines_before` places the error of a line that is too long.
  bool next_block(std::uint64_t lines_before);
  const char* begin() const { return buffer_.data(); }
  const char* end() const { return end_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  const char* end_ = nullptr;  ///< of the block
  std::size_t filled_ = 0;     ///< bytes in the buffer, beyond the block too
  bool ended_ = false;
};

// --- scanners: `p` points into a line that ends with '\n'

inline constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(255);
  for (std::size_t i = 0; i < 10; ++i) values['0' + i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
inline void skip_blanks(const char*& p) {
  while (is_blank(*p)) ++p;
}
/// At the end of what a line says: a comment may follow.
inline bool at_end(const char* p) {
  return *p == '\n' || *p == '#';
}
inline bool at_field_end(const char* p) {
  return is_blank(*p) || at_end(p);
}

/// Hexadecimal with or without 0x, of any number of leading zeros. False if there is none, if it exceeds 64
/// bits or if something else follows in the field.
inline bool scan_hex(const char*& p, std::uint64_t& value) {
  if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) p += 2;
  std::uint64_t v = 0;
  const char* const first = p;
  for (std::uint64_t digit; (digit = digit_values[static_cast<unsigned char>(*p)]) < 16; ++p)
    v = v << 4 | digit;
  value = v;
  if (p == first || !at_field_end(p)) return false;
  const char* significant = first;
  if (p - first > 16) {
    while (*significant == '0') ++significant;
  }
  return p - significant <= 16;
}

/// Hexadecimal digits without 0x up to anything else. False if there is none or more than 16.
inline bool scan_hex_digits(const char*& p, std::uint64_t& value) {
  const char* const first = p;
  value = 0;
  for (std::uint64_t digit; (digit = digit_values[static_cast<unsigned char>(*p)]) < 16; ++p)
    value = value << 4 | digit;
  return p != first && p - first <= 16;
}

/// Decimal, at most `maximum` (< 2^60).
inline bool scan_decimal(const char*& p, std::uint64_t maximum, std::uint64_t& value) {
  std::uint64_t v = 0;
  const char* const first = p;
  for (std::uint64_t digit; (digit = digit_values[static_cast<unsigned char>(*p)]) < 10; ++p) {
    v = v * 10 + digit;
    if (v > maximum) return false;
  }
  value = v;
  return p != first && at_field_end(p);
}

// --- the slow second look

/// The fields of a line, without its comment.
std::vector<std::string_view> fields_of(std::string_view line);
/// `text` in double quotes, cut to 60 bytes, whatever is not printable as \xNN.
std::string quoted(std::string_view text);

struct FirstLine {
  std::uint64_t number = 0;  ///< from 1; 0: there is none
  std::string_view text;
};
/// The first line that is neither blank nor a comment.
FirstLine first_record_line(std::string_view text);

/// Problems of a single field, empty if it is right.
std::string hex_problem(std::string_view what, std::string_view field);
std::string decimal_problem(std::string_view what, std::string_view field, std::uint64_t minimum,
                            std::uint64_t maximum);

// --- the reader

enum class Scanned : std::uint8_t { access, nothing, wrong };

/// One kind of line. Optional members: `comments` = false where # begins no comment; `bool more(out)`,
/// further accesses of the lines that have been scanned, asked until it says no; `void finish()`, after the
/// last line and before the last more().
template <class T>
concept LineGrammar = requires(T grammar, const char*& p, OrderedOperation& out, std::string_view line) {
  /// Scans a record up to the end of its fields. The first field begins at p; the line is not blank.
  { grammar.scan(p, out) } -> std::same_as<Scanned>;
  /// What is wrong with a line that scan() refused.
  { grammar.explain(line) } -> std::same_as<std::string>;
};

template <LineGrammar Grammar>
class LineReader final : public OrderedStream {
 public:
  LineReader(const std::string& path, Grammar grammar) : input_(path), grammar_(grammar) {}

  std::size_t next(std::span<OrderedOperation> out) override {
    std::size_t made = 0;
    while (made < out.size()) {
      if (take_more(out, made)) continue;
      if (position_ == end_) {
        if (!input_.next_block(lines_)) {
          if (!finish()) break;
          continue;
        }
        position_ = input_.begin();
        end_ = input_.end();
      }
      made = scan_lines(out, made);
    }
    return made;
  }

 private:
  static constexpr bool gives_more = requires(Grammar grammar, OrderedOperation& out) { grammar.more(out); };

  static bool record_ends(const char* p) {
    if constexpr (requires { Grammar::comments; }) {
      if (!Grammar::comments) return *p == '\n';
    }
    return at_end(p);
  }

  bool take_more(std::span<OrderedOperation> out, std::size_t& made) {
    if constexpr (gives_more) {
      if (grammar_.more(out[made])) {
        ++made;
        return true;
      }
    }
    return false;
  }

  /// False if there is nothing left to do.
  bool finish() {
    if constexpr (requires(Grammar grammar) { grammar.finish(); }) {
      if (finished_) return false;
      finished_ = true;
      grammar_.finish();
      return true;
    }
    return false;
  }

  /// Up to the end of the block or of `out`, or to a line that gives more than one access.
  std::size_t scan_lines(std::span<OrderedOperation> out, std::size_t made) {
    const char* p = position_;
    const char* const end = end_;
    std::uint64_t lines = lines_;
    while (p != end && made < out.size()) {
      const char* const line = p;
      ++lines;
      skip_blanks(p);
      if (!record_ends(p)) {
        const Scanned scanned = grammar_.scan(p, out[made]);
        skip_blanks(p);
        if (scanned == Scanned::wrong || !record_ends(p)) refuse(lines, grammar_.explain(text_of(line)));
        if (scanned == Scanned::access && ends_beyond_memory(out[made].operation)) [[unlikely]]
          refuse(lines, "the access ends beyond the last address, found " + quoted(text_of(line)) +
                            ", allowed up to ffffffffffffffff");
        made += scanned == Scanned::access ? 1 : 0;
      }
      while (*p != '\n') ++p;
      ++p;
      if constexpr (gives_more) break;
    }
    position_ = p;
    lines_ = lines;
    return made;
  }

  std::string_view text_of(const char* line) const {
    const std::string_view rest(line, end_);
    std::string_view text = rest.substr(0, rest.find('\n'));
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
  }
  [[noreturn]] void refuse(std::uint64_t line, const std::string& problem) const {
    throw InputError(input_.path(), "line " + std::to_string(line), problem);
  }

  LineInput input_;
  Grammar grammar_;
  const char* position_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t lines_ = 0;  ///< before position_
  bool finished_ = false;
};

}  // namespace baton::traces
