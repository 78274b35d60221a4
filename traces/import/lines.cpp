#include "traces/import/lines.hpp"

#include <algorithm>
#include <cstring>

namespace baton::traces {

bool LineInput::next_block(std::uint64_t lines_before) {
  // What followed the last block's lines is the beginning of this one's.
  if (end_ != nullptr) {
    const std::size_t used = static_cast<std::size_t>(end_ - buffer_.data());
    std::memmove(buffer_.data(), end_, filled_ - used);
    filled_ -= used;
    end_ = nullptr;
  }
  const std::size_t capacity =
      buffer_.size() - 1;  // one is kept for the '\n' that a file may lack at its end
  while (!ended_ && filled_ < capacity) {
    const std::size_t n = source_->read(buffer_.data() + filled_, capacity - filled_);
    if (n == 0) ended_ = true;
    filled_ += n;
  }
  if (filled_ == 0) return false;
  if (ended_ && buffer_[filled_ - 1] != '\n') buffer_[filled_++] = '\n';
  const std::string_view content(buffer_.data(), filled_);
  const std::size_t last = content.rfind('\n');
  if (last == std::string_view::npos) {
    throw InputError(path_, "line " + std::to_string(lines_before + 1),
                     "the line is too long, found more than " + std::to_string(maximum_line_bytes - 1) +
                         " bytes, allowed at most that many");
  }
  end_ = buffer_.data() + last + 1;
  return true;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> fields;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size()) return fields;
    const std::size_t first = at;
    while (at < line.size() && !is_blank(line[at])) ++at;
    fields.push_back(line.substr(first, at - first));
  }
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  constexpr const char* hex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      result += c;
    } else {
      result += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return result + (text.size() > longest ? "…\"" : "\"");
}

FirstLine first_record_line(std::string_view text) {
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!fields_of(line).empty())
      return {number, line.ends_with('\r') ? line.substr(0, line.size() - 1) : line};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

std::string hex_problem(std::string_view what, std::string_view field) {
  const std::string line = std::string(field) + "\n";
  const char* p = line.c_str();
  std::uint64_t value = 0;
  if (scan_hex(p, value)) return {};
  const bool digits = at_field_end(p) && p[-1] != 'x' && p[-1] != 'X';
  return std::string(what) + (digits ? " is too large" : " is not hexadecimal") + ", found " + quoted(field) +
         ", allowed hexadecimal digits up to ffffffffffffffff, with or without 0x";
}

std::string decimal_problem(std::string_view what, std::string_view field, std::uint64_t minimum,
                            std::uint64_t maximum) {
  const std::string line = std::string(field) + "\n";
  const char* p = line.c_str();
  std::uint64_t value = 0;
  if (scan_decimal(p, maximum, value) && value >= minimum) return {};
  const bool digits = std::ranges::all_of(field, [](char c) { return c >= '0' && c <= '9'; });
  return std::string(what) + (digits ? " is out of range" : " is not a decimal number") + ", found " +
         quoted(field) + ", allowed " + std::to_string(minimum) + " to " + std::to_string(maximum);
}

}  // namespace baton::traces
